import type { Backlog, Pending } from './backlog.ts'
import { ClientError, toClientError } from './error.ts'
import type { Head } from './event.ts'
import type { Http } from './http.ts'
import * as limits from './limits.ts'
import { type Backoff, pause } from './retry.ts'

/** Brings a backlog to the service, in order, batch after batch, until it is stopped. */
export interface Delivery {
  /** There is something to deliver. */
  wake(): void
  /** Doesn't wait for company any more: somebody waits for the delivery. */
  hurry(): void
  /** Events of the backlog that were settled since the start: delivered, or kept aside. */
  readonly settled: number
  /** Resolves when as many are settled, or it was stopped. */
  whenSettled(count: number): Promise<void>
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
  readonly onDelivered: (heads: readonly Head[]) => void
  /** Refused for good. Must keep the event before it returns; what it throws counts as transient. */
  readonly onRejected: (json: string, error: ClientError) => void
  readonly onRetry: (error: ClientError, retryInMs: number) => void
  /** Room was made. */
  readonly onSettled: () => void
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { backlog, http, backoff, isHeld } = options
  const ending = new AbortController()
  const waiters = new Set<{ readonly count: number; readonly resolve: () => void }>()
  let settled = 0
  let hurry = new AbortController()
  let awaken: (() => void) | undefined
  let running: Promise<void> | undefined

  function settle(batch: readonly Pending[]): void {
    backlog.commit(batch)
    settled += batch.length
    options.onSettled()
    for (const waiter of waiters) {
      if (waiter.count > settled) continue
      waiters.delete(waiter)
      waiter.resolve()
    }
  }

  /** Does it until it works. @returns a refusal for good */
  async function persist(attempt: () => Promise<void>): Promise<ClientError | undefined> {
    while (!ending.signal.aborted) {
      try {
        await attempt()
        backoff.reset()
        return undefined
      } catch (thrown) {
        if (ending.signal.aborted) break
        const error = toClientError(thrown)
        if (!error.isTransient && error.code !== 'spool-failed') return error
        const waitMs = backoff.after(error)
        options.onRetry(error, waitMs)
        await pause(waitMs, ending.signal, isHeld)
      }
    }
    return undefined
  }

  async function send(batch: readonly Pending[]): Promise<void> {
    const answer = await http.json<{ entries?: readonly Head[] }>('/v1/events', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `[${batch.map(({ json }) => json).join(',')}]`,
      signal: ending.signal,
    })
    const heads = Array.isArray(answer?.entries) ? answer.entries : []
    if (heads.length !== batch.length) {
      throw new ClientError('answer-unexpected', 'The service answers without the events’ heads.')
    }
    options.onDelivered(heads)
  }

  /** Delivers a batch; where one of its events is refused, the others are delivered without it. */
  async function deliver(batch: readonly Pending[]): Promise<void> {
    if (batch.length === 0 || ending.signal.aborted) return
    const refusal = await persist(() => send(batch))
    if (ending.signal.aborted) return
    if (refusal === undefined) return settle(batch)
    // A key that isn't valid is so for all of them.
    if (batch.length === 1 || refusal.status === 401) {
      for (const pending of batch) await reject(pending, refusal)
      return
    }
    for (const part of divide(batch, refusal)) await deliver(part)
  }

  async function reject(pending: Pending, refusal: ClientError): Promise<void> {
    await persist(async () => options.onRejected(pending.json, refusal))
    if (!ending.signal.aborted) settle([pending])
  }

  async function run(): Promise<void> {
    let batch: readonly Pending[] = []
    while (!ending.signal.aborted) {
      if (backlog.events === 0) {
        await new Promise<void>((resolve) => {
          awaken = resolve
        })
        awaken = undefined
        continue
      }
      if (backlog.events < options.batchEventsMax) await pause(options.lingerMs, hurry.signal)
      if (waiters.size === 0 && hurry.signal.aborted) hurry = new AbortController()
      await persist(async () => {
        batch = backlog.peek(options.batchEventsMax, limits.batchBytesMax)
      })
      await deliver(batch)
    }
  }

  return {
    get settled() {
      return settled
    },
    wake() {
      running ??= run()
      awaken?.()
    },
    hurry: () => hurry.abort(),
    whenSettled: (count) =>
      new Promise((resolve) => {
        if (settled >= count || ending.signal.aborted) return resolve()
        waiters.add({ count, resolve })
      }),
    async stop() {
      ending.abort()
      hurry.abort()
      awaken?.()
      await running
      for (const { resolve } of waiters) resolve()
      waiters.clear()
    },
  }
}

/** Around the first event that the refusal names (`/3/actor`), else in halves. */
function divide(batch: readonly Pending[], { errors }: ClientError): (readonly Pending[])[] {
  const named = errors.flatMap(({ pointer }) => {
    const [, index] = /^\/(\d+)(?:\/|$)/.exec(pointer) ?? []
    return index === undefined || Number(index) >= batch.length ? [] : [Number(index)]
  })
  if (named.length === 0) {
    const middle = batch.length >> 1
    return [batch.slice(0, middle), batch.slice(middle)]
  }
  const first = Math.min(...named)
  return [batch.slice(0, first), batch.slice(first, first + 1), batch.slice(first + 1)]
}
