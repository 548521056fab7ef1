import {
  createTemporaryFolder,
  findTestStore,
  type SpawnedServer,
  spawnServer,
} from '@indelible/testkit'
import { expect } from 'vitest'

/**
 * Kills a service (SIGKILL) while requests are under way, and starts it again: what was
 * acknowledged is whole, what was not is whole or not there, and all of it sent once more is each
 * once.
 */
export async function killAmidst(options: {
  readonly requests: number
  /** Of the n-th request. */
  readonly eventsOf: (n: number) => number
  /** Settings of the service. */
  readonly environment?: Readonly<Record<string, string>>
  /** Sends the n-th request. Rejects, or says false, where it was not acknowledged. */
  readonly send: (server: SpawnedServer, n: number) => Promise<boolean>
  /** Events of the n-th request that are kept. */
  readonly count: (server: SpawnedServer, n: number) => Promise<number>
}): Promise<void> {
  const { requests, eventsOf, send, count } = options
  using temporary = createTemporaryFolder()
  const folder = `${temporary.path}/data`
  const environment = { ...options.environment, ...(await findTestStore(folder)) }
  const numbers = Array.from({ length: requests }, (_, n) => n)
  const killed = await spawnServer({ folder, environment })
  const first = Promise.withResolvers<void>()
  const sent = numbers.map(async (n) => {
    const acknowledged = await send(killed, n).catch(() => false)
    if (acknowledged) first.resolve()
    return acknowledged
  })
  await first.promise
  await killed.kill('SIGKILL')
  const acknowledged = await Promise.all(sent)
  await using server = await spawnServer({ folder, environment })
  for (const n of numbers) {
    const kept = await count(server, n)
    const allowed = acknowledged[n] ? [eventsOf(n)] : [0, eventsOf(n)]
    expect(allowed, `request ${n}`).toContain(kept)
  }
  for (const n of numbers) expect(await send(server, n)).toBe(true)
  for (const n of numbers) expect(await count(server, n)).toBe(eventsOf(n))
}
