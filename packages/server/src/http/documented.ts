import type { ProblemCode } from '@indelible/protocol'
import { Problem } from '@indelible/protocol/schema'
import { type TSchema, Type } from 'typebox'
import { problemTable } from './problems.ts'

/** What every route says of itself; OpenAPI and /docs are made from it. */
export interface RouteDoc {
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  /** False for the routes that need no credential. Default: true. */
  readonly authenticated?: boolean
}

const accessProblems: readonly ProblemCode[] = [
  'credentials-missing',
  'credentials-invalid',
  'scope-insufficient',
  'forgery-suspected',
]
const everywhere: readonly ProblemCode[] = [
  'http-malformed',
  'request-timeout',
  'headers-too-large',
  'internal',
]

/**
 * The documentation half of a route's schema: summary, security, the answer, and each problem it
 * can give, grouped by status.
 */
export function document(
  doc: RouteDoc,
  answers: Readonly<Record<number, TSchema>>,
  problems: readonly ProblemCode[],
) {
  const authenticated = doc.authenticated ?? true
  const access = authenticated ? accessProblems : []
  const codes = [...access, ...problems, ...everywhere]
  return {
    tags: [...doc.tags],
    summary: doc.summary,
    ...(doc.description === undefined ? {} : { description: doc.description }),
    security: authenticated ? [{ bearer: [] }, { cookie: [] }] : [],
    response: { ...answers, ...describeProblems(codes) },
  }
}

function describeProblems(codes: readonly ProblemCode[]): Record<number, TSchema> {
  const described: Record<number, TSchema> = {}
  for (const [status, ofStatus] of groupByStatus(codes)) {
    described[status] = Type.Object(Problem.properties, {
      description: describeCodes(ofStatus),
      'x-problem-codes': ofStatus,
    })
  }
  return described
}

/** Each code once. */
export const groupByStatus = (codes: readonly ProblemCode[]): Map<number, ProblemCode[]> =>
  Map.groupBy(new Set(codes), (code) => problemTable[code].status)

export const describeCodes = (codes: readonly ProblemCode[]): string =>
  codes.map((code) => `\`${code}\`: ${problemTable[code].title}.`).join(' ')
