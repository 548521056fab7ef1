import { type ProblemCode, problemCodes } from '@indelible/protocol'
import type { WireAnswer } from '../clients/wire-answers.ts'
import type { Exchange } from './connection.ts'
import type { Draft, Shape } from './draft.ts'

/** What was sent, and how it was made. */
export interface Sent {
  readonly shape: Shape
  readonly draft: Draft
  readonly mutations: readonly string[]
  readonly bytes: Buffer
}

/** Codes of answers that say: not now, and when. */
const pushbackCodes: ReadonlySet<string> = new Set<ProblemCode>([
  'pushback',
  'store-unavailable',
  'checkpoint-pending',
])
/** Of requests that no operation is asked by. */
const everywhere: ReadonlySet<string> = new Set<ProblemCode>([
  'http-malformed',
  'headers-too-large',
])
const known: ReadonlySet<string> = new Set(problemCodes)
const leaks = /node_modules|\bat \w+ \(|SQLITE_|\.ts:\d/

/** An answer that asks the caller to try again. */
export const isPushback = ({ status, body }: WireAnswer): boolean =>
  (status === 503 || status === 504) && pushbackCodes.has(readCode(body))

/** @returns what is wrong with the answer to a request, in words; undefined: nothing */
export function judge(sent: Sent, exchange: Exchange): string | undefined {
  const { answers, isHung, isClosed } = exchange
  if (isHung) return 'was not answered, and its connection not ended'
  const failed = answers.find((answer) => answer.status >= 500 && !isPushback(answer))
  if (failed !== undefined) return `was answered ${describe(failed)}`
  const leaking = answers.find(({ status, body }) => status >= 400 && leaks.test(body.toString()))
  if (leaking !== undefined) return `was told of our insides: ${describe(leaking)}`
  const [answer] = answers
  if (answer === undefined) {
    return isClosed && !mayBeCut(sent) ? 'was not answered before its connection ended' : undefined
  }
  const { mustRefuse } = sent.draft
  if (mustRefuse !== undefined && answer.status < 400) {
    return `was answered ${answer.status} though it has ${mustRefuse}`
  }
  return isOfShape(sent) ? judgeByDocument(sent.shape, answer, sent.draft) : undefined
}

/** A reset by a service that refuses before it has read all can overtake its answer. */
const mayBeCut = ({ draft, mutations, bytes }: Sent): boolean =>
  draft.wire !== undefined || bytes.length > 16_000 || mutations.includes('two hosts, or none')

const isOfShape = ({ shape, draft, mutations }: Sent): boolean =>
  draft.wire === undefined &&
  shape.method === draft.method &&
  !mutations.some((name) => name.includes('path'))

/** Its status, and the code of a problem, are those that the document names. */
function judgeByDocument(
  { documented }: Shape,
  answer: WireAnswer,
  { method }: Draft,
): string | undefined {
  if (documented === undefined || method === 'HEAD') return undefined
  const { status, head, body } = answer
  if (status < 400)
    return documented.has(status) ? undefined : `was answered ${status}, undocumented`
  if (!/\r\ncontent-type: application\/problem\+json/i.test(head)) {
    return `was refused by what is no problem: ${describe(answer)}`
  }
  const code = readCode(body)
  if (!known.has(code)) return `was refused by an unknown code: ${describe(answer)}`
  if (everywhere.has(code) || documented.get(status)?.has(code) === true) return undefined
  return `was refused by a code that its operation does not document: ${describe(answer)}`
}

/** Of a problem, or of what a dialect has for one. */
function readCode(body: Buffer): string {
  try {
    const { code } = JSON.parse(body.toString()) as { code?: unknown } // looked at below
    return typeof code === 'string' ? code : ''
  } catch {
    return ''
  }
}

const describe = ({ status, body }: WireAnswer): string =>
  `${status} ${body.toString().slice(0, 300)}`
