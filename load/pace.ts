import type { Latencies } from './latencies.ts'
import type { Schedule } from './schedule.ts'

/** Time as the generator sees it; tests have their own. */
export interface Pacer {
  /** Monotonic milliseconds. */
  now(): number
  /** Resolves after about `ms`, or at once when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** Sends one request until it is settled. @returns whether it was acknowledged */
export type Submit = () => Promise<boolean>

export interface Pace {
  readonly requests: number
  /** How late the last request was sent: much, and the service did not keep up. */
  readonly endLatenessMs: number
  /** Due and never sent: the backlog was given up `graceMs` after the last was due. */
  readonly unsent: number
}

/**
 * Open loop: each connection takes the request that is due next and waits for its answer. While all
 * of them wait, what comes due stands in line, and its latency counts from when it was due: a service
 * that stalls for a second is charged that second for everything due in it, not for one request a
 * connection (no coordinated omission). The line is the schedule itself, so it takes no memory.
 */
export async function runOpenLoop(options: {
  readonly schedule: Schedule
  readonly connections: number
  readonly submit: Submit
  readonly latencies: Latencies
  readonly pacer: Pacer
  /** How long after the last was due the backlog is still sent. */
  readonly graceMs: number
  readonly durationMs: number
  readonly signal: AbortSignal
}): Promise<Pace> {
  const { schedule, submit, latencies, pacer, signal } = options
  const begin = pacer.now()
  const giveUpAt = options.durationMs + options.graceMs
  let requests = 0
  let endLatenessMs = 0
  const work = async (): Promise<void> => {
    while (!signal.aborted && pacer.now() - begin <= giveUpAt) {
      const due = schedule()
      if (due === undefined) return
      const waitMs = due - (pacer.now() - begin)
      if (waitMs > 0) await pacer.sleep(waitMs, signal)
      if (signal.aborted) return
      const sentAt = pacer.now() - begin
      endLatenessMs = Math.max(0, sentAt - due)
      requests++
      const isAcknowledged = await submit()
      // A timer may fire a little early: then it counts from the sending.
      const from = Math.min(due, sentAt)
      if (isAcknowledged) latencies.record(pacer.now() - begin - from, due)
    }
  }
  await Promise.all(Array.from({ length: options.connections }, work))
  let unsent = 0
  if (!signal.aborted) while (schedule() !== undefined) unsent++
  return { requests, endLatenessMs, unsent }
}

/** Closed loop: each connection sends the next request when the last is answered. The most there is. */
export async function runClosedLoop(options: {
  readonly durationMs: number
  /** The first part, which does not count. */
  readonly warmUpMs: number
  readonly connections: number
  readonly submit: Submit
  readonly latencies: Latencies
  readonly pacer: Pacer
  readonly signal: AbortSignal
}): Promise<{ readonly perSecond: number }> {
  const { durationMs, warmUpMs, submit, latencies, pacer, signal } = options
  const begin = pacer.now()
  let counted = 0
  let endedAt = 0
  const work = async (): Promise<void> => {
    for (;;) {
      const sentAt = pacer.now() - begin
      if (signal.aborted || sentAt >= durationMs) return
      const isAcknowledged = await submit()
      endedAt = pacer.now() - begin
      if (!isAcknowledged || endedAt < warmUpMs) continue
      counted++
      latencies.record(endedAt - sentAt, sentAt)
    }
  }
  await Promise.all(Array.from({ length: options.connections }, work))
  const seconds = Math.max(1, endedAt - warmUpMs) / 1_000
  return { perSecond: counted / seconds }
}
