import type { Backlog, Pending } from './backlog.ts'
import { ClientError, toClientError } from './error.ts'
import type { Http } from './http.ts'
import * as limits from './limits.ts'
import { createLine } from './line.ts'
import { type Backoff, pause } from './retry.ts'
import { submitEvents } from './submit.ts'
import { createSuspects } from './suspects.ts'
import { type Attempt, delivered, type Failure, judge, type Verdict } from './verdicts.ts'

/** Brings a backlog to the service, in order, batch after batch, until it is stopped. */
export interface Delivery {
  /** There is something to deliver. */
  wake(): void
  /** Doesn't wait for company any more: somebody waits for the delivery. */
  hurry(): void
  /**
   * Resolves when all that is in the backlog, and as many more, are delivered or kept aside; or it was
   * stopped.
   */
  whenSettled(more: number): Promise<void>
  /** Ends the request under way and every wait. */
  stop(): Promise<void>
}

export interface DeliveryOptions {
  readonly backlog: Backlog
  readonly http: Http
  readonly backoff: Backoff
  /** Whether pauses between tries keep the process alive. */
  readonly isHeld: boolean
  readonly lingerMs: number
  readonly batchEventsMax: number
  readonly clock: () => number
  readonly random: () => number
  readonly onDelivered: (events: number) => void
  /** Refused for good. Must keep the event before it returns; where it throws, it is asked again. */
  readonly onRejected: (json: string, error: ClientError) => void
  readonly onRetry: (error: ClientError, retryInMs: number) => void
  /** Room was made. */
  readonly onSettled: () => void
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { backlog, backoff, isHeld, random } = options
  const ending = new AbortController()
  const { signal } = ending
  const suspects = createSuspects(options)
  const line = createLine(options)
  /** Suspects put behind since the last event was sent. */
  let turned = 0
  /** The service met everything with a 500 the last time. */
  let doubt: Failure | undefined
  let hurry = new AbortController()
  let awaken: (() => void) | undefined
  let running: Promise<void> | undefined

  const whenWoken = () =>
    new Promise<void>((resolve) => {
      awaken = resolve
    })
  const pauseAfter = async (error: ClientError, ms = backoff.after(error)): Promise<void> => {
    options.onRetry(error, ms)
    await pause(ms, signal, isHeld)
  }

  /** What it delivers is committed before anything else is: a crash sends it again at most. */
  const settleDelivered = (batch: readonly Pending[]): void => {
    if (batch.length === 0) return
    options.onDelivered(batch.length)
    if (suspects.size > 0) for (const { json } of batch) suspects.forget(json)
    line.settle(batch)
  }

  const attempt: Attempt = async (batch, stumblesMax) => {
    for (let stumbles = 0; !signal.aborted; ) {
      try {
        const events = batch.map(({ json }) => json)
        await submitEvents(options.http, events, signal)
        backoff.reset()
        return delivered
      } catch (thrown) {
        if (signal.aborted) break
        const error = toClientError(thrown)
        if (!error.isTransient) return { kind: 'refused', error }
        await pauseAfter(error)
        if (error.status === 500) stumbles += 1
        if (stumbles >= stumblesMax) return { kind: 'stumbled', error }
      }
    }
    return undefined
  }

  /** Delivers a batch; where the service won't have one of its events, the others without it. */
  async function deliver(batch: readonly Pending[]): Promise<void> {
    if (batch.length === 0 || signal.aborted) return
    turned = 0
    const known = batch.length > 1 ? doubt : undefined
    const verdict = known ?? (await attempt(batch, batch.length > 1 ? limits.stumblesMax : 1))
    if (verdict === undefined) return
    doubt = undefined
    if (verdict.kind === 'delivered') return settleDelivered(batch)
    const verdicts = await judge({ batch, failure: verdict, attempt, random })
    if (verdicts.size === 0 && verdict.kind === 'stumbled') doubt = verdict
    await conclude(batch, verdicts)
  }

  async function conclude(
    batch: readonly Pending[],
    verdicts: ReadonlyMap<Pending, Verdict>,
  ): Promise<void> {
    let together: Pending[] = []
    for (const pending of batch) {
      const verdict = verdicts.get(pending)
      if (verdict === undefined || signal.aborted) break
      if (verdict.kind === 'delivered') {
        together.push(pending)
        continue
      }
      settleDelivered(together)
      together = []
      // What stays holds up those behind it, which are then sent again: repeats, to the service.
      if (!(await putAside(pending, verdict))) return
    }
    settleDelivered(together)
  }

  /** @returns false where it stays at the head */
  async function putAside(pending: Pending, { kind, error }: Failure): Promise<boolean> {
    if (kind === 'stumbled' && !suspects.stumble(pending.json)) return putBehind(pending, error)
    try {
      options.onRejected(pending.json, error)
      suspects.forget(pending.json)
    } catch (thrown) {
      const why = toClientError(thrown)
      suspects.hold(pending.json, limits.retryMsMax)
      options.onRetry(why, limits.retryMsMax)
      return putBehind(pending, why)
    }
    line.settle([pending])
    return true
  }

  /** To the end of the line, where it waits. @returns false, after a pause, where that can't be */
  async function putBehind(pending: Pending, error: ClientError): Promise<boolean> {
    let why = error
    if (suspects.size <= limits.suspectsMax) {
      try {
        line.postpone(pending)
        return true
      } catch (thrown) {
        why = toClientError(thrown)
      }
    }
    await pauseAfter(why, limits.retryMsMax)
    return false
  }

  /** Of a batch what is to be sent now; suspects at its head go behind, to wait for their next try. */
  async function passSuspects(batch: readonly Pending[]): Promise<readonly Pending[]> {
    const isWaiting = ({ json }: Pending) => suspects.isWaiting(json)
    const first = batch.findIndex((pending) => !isWaiting(pending))
    const ready = first === -1 ? [] : batch.slice(first)
    if (ready.length === 0 && turned >= backlog.events) {
      // Nothing but suspects.
      turned = 0
      const early = new AbortController()
      await Promise.race([whenWoken(), pause(suspects.dueInMs(), early.signal, isHeld)])
      early.abort()
      return []
    }
    for (const pending of first === -1 ? batch : batch.slice(0, first)) {
      turned += 1
      if (!(await putBehind(pending, suspectsWait()))) return []
    }
    const next = ready.findIndex(isWaiting)
    return next === -1 ? ready : ready.slice(0, next)
  }

  async function peek(): Promise<readonly Pending[]> {
    try {
      return backlog.peek(options.batchEventsMax, limits.batchBytesMax)
    } catch (thrown) {
      await pauseAfter(toClientError(thrown))
      return []
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      if (backlog.events === 0) {
        await whenWoken()
        continue
      }
      if (backlog.events < options.batchEventsMax) await pause(options.lingerMs, hurry.signal)
      if (!line.isAwaited && hurry.signal.aborted) hurry = new AbortController()
      const batch = await peek()
      await deliver(suspects.size === 0 ? batch : await passSuspects(batch))
    }
  }

  return {
    wake() {
      running ??= run()
      awaken?.()
    },
    hurry: () => hurry.abort(),
    whenSettled: line.whenSettled,
    async stop() {
      ending.abort()
      hurry.abort()
      awaken?.()
      await running
      line.end()
    },
  }
}

const suspectsWait = () =>
  new ClientError('internal', 'Events at which the service stumbles wait for another try.')
