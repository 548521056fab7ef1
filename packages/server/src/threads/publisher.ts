import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../base/clock.ts'
import { createPublisher, type SigningRefusal } from '../ledger/publisher.ts'
import type { StoredCheckpoint } from '../store/store.ts'
import { loadStores } from './open-stores.ts'
import { serveCalls } from './port.ts'
import type { WorkerData } from './stores.ts'

export interface PublishedRound {
  readonly checkpoints: StoredCheckpoint[]
  readonly refusals: SigningRefusal[]
}

export type PublisherCalls = {
  publish(): Promise<PublishedRound>
  /** Whether this node signs now, and a figure that changes when any log grows. */
  takeTurn(): Promise<{ readonly signs: boolean; readonly growth: string }>
  close(): Promise<void>
}

if (parentPort !== null) {
  const { keyring, openForSigning } = await loadStores(workerData as WorkerData) // start-threads.ts
  const { store, guard, toRefusal, turn, close } = await openForSigning()
  const isPassing = (error: unknown): boolean => toRefusal(error) !== undefined
  const publisher = createPublisher({ store, guard, keyring, clock: systemClock, isPassing })
  const refuse = (error: unknown): never => {
    throw toRefusal(error) ?? error
  }
  let signedBefore = false
  const takeTurn = async () => {
    if (turn === undefined) return { signs: true, growth: '' }
    const wasOurs = signedBefore
    signedBefore = false // also where the lock is lost by what follows
    const signs = await turn.take()
    signedBefore = signs
    if (signs && !wasOurs) publisher.forget()
    return { signs, growth: signs ? await turn.readGrowth() : '' }
  }
  serveCalls(parentPort, {
    publish: () => publisher.publish().catch(refuse),
    takeTurn: () => takeTurn().catch(refuse),
    close,
  } satisfies PublisherCalls)
}
