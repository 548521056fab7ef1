import { hash } from 'node:crypto'
import type { KeptEntry, LogHead } from '../store.ts'

/** What tells one entry of a test from another. */
export interface Seed {
  readonly id?: string
  readonly type?: string
  /** What the index is to know of it. */
  readonly facts?: readonly string[]
  /** Of the event, Unix milliseconds. */
  readonly time?: number
  /** Text of the part. */
  readonly actor?: string
}

const received = Date.UTC(2026, 10, 20)

export function createEntry(tenant: string, index: number, seed: Seed): KeptEntry {
  const { facts = [], time = received, type = 'event', actor } = seed
  const core = JSON.stringify({ action: 'order.paid', id: seed.id ?? `e${index}`, tenant })
  const data = JSON.stringify({ facts, time })
  const parts = { core, data, ...(actor === undefined ? {} : { actor }) }
  const digest = (what: string) => hash('sha256', `${what} ${tenant} ${index} ${core}`, 'buffer')
  return {
    ...{ tenant, index, type, received: received + index, parts },
    hash: digest('hash'),
    secret: digest('secret').subarray(0, 16),
  }
}

export function createHead(tenant: string): LogHead {
  const origin = `test.invalid/l/${tenant}`
  const edge = Buffer.alloc(0)
  return { tenant, origin, generation: 1, vkey: `${origin}+key`, size: 0, received: 0, edge }
}

/** Facts as the seed names them: the store is tested without the query's idea of facts. */
export function readFacts({ parts }: Pick<KeptEntry, 'parts'>) {
  const { facts, time } = JSON.parse(parts.data ?? '{}') as { facts: string[]; time: number } // createEntry
  return { groups: [{ facts, memo: undefined }], time }
}
