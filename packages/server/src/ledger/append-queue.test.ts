import type { Head } from '@indelible/protocol'
import { expect, test } from 'vitest'
import type { AdmittedEvent } from '../store/store.ts'
import { createAppendQueue } from './append-queue.ts'
import type { AppendOutcome, AppendRequest } from './append-request.ts'

/** A queue of 1,000 bytes before a store that commits when it is let. */
function createHeld() {
  const { promise, resolve: release } = Promise.withResolvers<void>()
  const commit = async (requests: readonly AppendRequest[]): Promise<AppendOutcome[]> => {
    await promise
    return requests.map(() => ({ heads: [] as Head[] }))
  }
  return { queue: createAppendQueue({ commit, bytesMax: 1_000 }), release }
}

const of = (tenant: string, bytes: number): AppendRequest => ({
  events: [{ tenant, bytes } as AdmittedEvent], // of an event, all that the queue looks at
})

test('a log that fills the queue leaves room for the others, and has its own again once it is written (D-10)', async () => {
  const { queue, release } = createHeld()
  const noisy = Array.from({ length: 10 }, () => queue.append(of('noisy', 100)))
  const refused = { code: 'pushback' }
  for (const append of noisy.slice(7)) await expect(append).rejects.toMatchObject(refused)
  const quiet = ['quiet', '_system'].map((tenant) => queue.append(of(tenant, 100)))
  await expect(queue.append(of('another', 200))).rejects.toMatchObject(refused)
  release()
  await Promise.all([...noisy.slice(0, 7), ...quiet])
  expect(queue.bytesHeld).toBe(0)
  await Promise.all(noisy.slice(0, 7).map(() => queue.append(of('noisy', 100))))
})

test('what is larger than a log’s share is taken where nothing of the log waits', async () => {
  const { queue, release } = createHeld()
  release()
  await queue.append(of('a', 2_000))
  await queue.append(of('a', 2_000))
})
