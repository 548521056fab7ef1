import type { Fault, Head } from '@indelible/protocol'
import type { Client } from '../core/client.ts'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import type { Shell } from '../core/shell.ts'
import type { ReadyEvent, RefusedLine } from './batches.ts'

const backoffMsMin = 200
const backoffMsMax = 10_000
/** Refusals that concern what was sent; others (credentials, address) concern the whole import. */
const contentStatuses = new Set([400, 409, 410, 413, 422])

export interface Submission {
  readonly added: number
  readonly present: number
  readonly refused: readonly RefusedLine[]
}

export interface Submitter {
  submit(events: readonly ReadyEvent[]): Promise<Submission>
}

const nothing: Submission = { added: 0, present: 0, refused: [] }

const join = (...parts: readonly Submission[]): Submission => ({
  added: parts.reduce((sum, part) => sum + part.added, 0),
  present: parts.reduce((sum, part) => sum + part.present, 0),
  refused: parts.flatMap((part) => part.refused),
})

/** Faults by the position of their event in the batch, pointers made relative to the event. */
export function sortFaults(errors: readonly Fault[], events: number): Map<number, Fault[]> {
  const sorted = new Map<number, Fault[]>()
  for (const { pointer, detail } of errors) {
    const match = /^\/(\d+)(?=\/|$)/.exec(pointer)
    const position = Number(match?.[1] ?? Number.NaN)
    if (!(position < events)) return new Map()
    const fault = { pointer: pointer.slice(match?.[0].length), detail }
    sorted.set(position, [...(sorted.get(position) ?? []), fault])
  }
  return sorted
}

const isTransient = (failure: Failure): boolean =>
  failure.exitCode === exitCodes.unreachable && failure.status !== 500

/**
 * Sends batches. Every event has its id before the first try, so a retry can't add it twice. A
 * batch that is refused is taken apart until only the faulty lines are left.
 */
export function createSubmitter(options: {
  shell: Shell
  client: Client
  /** How long one batch is tried again before the import gives up. */
  retryMs: number
  /** Keep nothing that comes after a faulty line. */
  isStrict: boolean
}): Submitter {
  const { shell, client, retryMs, isStrict } = options
  let hasAnswered = false

  async function post(events: readonly ReadyEvent[]): Promise<Submission> {
    const { entries } = await client.json<{ entries: Head[] }>('/v1/events', {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: events.map(({ text }) => text).join('\n'),
    })
    const present = entries.filter(({ duplicate }) => duplicate === true).length
    return { added: entries.length - present, present, refused: [] }
  }

  async function postPatiently(events: readonly ReadyEvent[]): Promise<Submission> {
    const giveUpAt = shell.now() + retryMs
    for (let attempt = 0; ; attempt += 1) {
      try {
        const submission = await post(events)
        hasAnswered = true
        return submission
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        hasAnswered ||= error.status !== undefined
        if (!isTransient(error) || !hasAnswered) throw error
        const backoff = Math.min(backoffMsMax, backoffMsMin * 2 ** attempt)
        const wait = (error.retryAfterMs ?? 0) + backoff * (0.5 + shell.random() / 2)
        if (shell.now() + wait > giveUpAt) throw error
        await shell.sleep(wait)
      }
    }
  }

  /** Both halves; a strict import stops before what follows the first fault. */
  async function bisect(events: readonly ReadyEvent[]): Promise<Submission> {
    const middle = Math.ceil(events.length / 2)
    const first = await submit(events.slice(0, middle))
    if (isStrict && first.refused.length > 0) return first
    return join(first, await submit(events.slice(middle)))
  }

  async function takeApart(events: readonly ReadyEvent[], failure: Failure): Promise<Submission> {
    const code = failure.code ?? 'event-invalid'
    const [only] = events
    if (events.length === 1 && only !== undefined) {
      const errors = sortFaults(failure.errors, 1).get(0) ?? failure.errors
      const problem = { code, detail: failure.message, errors }
      return { ...nothing, refused: [{ line: only.line, problem }] }
    }
    const faults = sortFaults(failure.errors, events.length)
    if (faults.size === 0) return bisect(events)
    const firstFaulty = Math.min(...faults.keys())
    const sound = events.filter((_, at) => (isStrict ? at < firstFaulty : !faults.has(at)))
    const refused = events.flatMap(({ line }, at) => {
      const errors = faults.get(at)
      const [first] = errors ?? []
      if (first === undefined || (isStrict && at !== firstFaulty)) return []
      return [{ line, problem: { code, detail: first.detail, errors: errors ?? [] } }]
    })
    return join(await submit(sound), { ...nothing, refused })
  }

  async function submit(events: readonly ReadyEvent[]): Promise<Submission> {
    if (events.length === 0) return nothing
    try {
      return await postPatiently(events)
    } catch (error) {
      const isAboutContent =
        error instanceof Failure && error.status !== undefined && contentStatuses.has(error.status)
      if (!isAboutContent) throw error
      return takeApart(events, error)
    }
  }

  return { submit }
}
