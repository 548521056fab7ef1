import type { Fault, Problem } from '@indelible/protocol'

/** The service refused or failed (RFC 9457); `unreachable`, with status 0, if nothing answered. */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  /** What is wrong with the request's body, and where. */
  readonly errors: readonly Fault[]

  constructor({ status, code, title, detail, errors = [] }: Omit<Problem, 'type'>) {
    super(detail)
    this.name = 'ApiProblem'
    this.status = status
    this.code = code
    this.title = title
    this.errors = errors
  }
}

/** Whether a JSON pointer leads to a place, or to something in it. */
export const isWithin = (pointer: string, place: string): boolean =>
  pointer === place || pointer.startsWith(`${place}/`)

/** What is wrong with a part of the request's body, told by places within that part. */
export const faultsWithin = (error: Error | null, place = ''): readonly Fault[] =>
  error instanceof ApiProblem
    ? error.errors
        .filter(({ pointer }) => isWithin(pointer, place))
        .map((fault) => ({ ...fault, pointer: fault.pointer.slice(place.length) }))
    : []

/** Whether asking again may help: the service is busy, away, or has not signed yet. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ApiProblem && [0, 408, 429, 502, 503, 504].includes(error.status)

export const codeOf = (error: unknown): string | undefined =>
  error instanceof ApiProblem ? error.code : undefined

/** The column that a faulty query's detail names, from 1, in characters. */
export function columnOf(error: unknown): number | undefined {
  if (codeOf(error) !== 'query-invalid' || !(error instanceof Error)) return undefined
  const [, column] = / at column (\d+)(?:[:.]|$)/.exec(error.message) ?? []
  return column === undefined ? undefined : Number(column)
}
