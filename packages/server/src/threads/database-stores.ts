import { createFactReader } from '../query/facts.ts'
import type { Guard } from '../store/guard.ts'
import { createAppendStore } from '../store/postgres/append-store.ts'
import { readClock } from '../store/postgres/clock.ts'
import { toRefusal } from '../store/postgres/failure.ts'
import { readGrowth, readSizes } from '../store/postgres/growth.ts'
import { openGuard } from '../store/postgres/guard.ts'
import { readAdminVersion } from '../store/postgres/instance.ts'
import { readLogFigures } from '../store/postgres/log-figures.ts'
import { openPool, type Pool } from '../store/postgres/open.ts'
import { createAdminStore, createProveStore } from '../store/postgres/prove-store.ts'
import { createReadStore } from '../store/postgres/read-store.ts'
import { repeatReads } from '../store/postgres/repeated-reads.ts'
import { createSignerLock } from '../store/postgres/signer-lock.ts'
import type {
  DatabasePlace,
  IndexSecret,
  ReadingStores,
  SigningStores,
  WritingStore,
} from './stores.ts'

/** Sessions of each kind of thread, at most: docs/how-to/postgresql.md counts with them. */
const sessions = { reading: 4, writing: 6, signing: 2, lock: 1 } as const

/** A session that ends by itself is replaced, and whoever used it has an error of its own. */
const ignoreFault = (): void => undefined

const open = ({ node }: DatabasePlace, url: string, what: keyof typeof sessions): Pool =>
  openPool({
    url,
    connections: sessions[what],
    name: `indelible ${node} ${what}`,
    onFault: ignoreFault,
  })

/** The database as its readers see it: whatever any node has committed. */
export async function openForReading(
  place: DatabasePlace,
  { indexSecret }: IndexSecret,
): Promise<ReadingStores> {
  const opened = open(place, place.url, 'reading')
  const pool = repeatReads(opened)
  return {
    store: createReadStore({ pool, indexSecret }),
    proofs: createProveStore({ pool }),
    admin: createAdminStore({ pool }),
    readLogFigures: () => readLogFigures(pool),
    toRefusal,
    others: {
      readAdminVersion: () => readAdminVersion(pool),
      readSizes: (tenants) => readSizes(pool, tenants),
      readClock: () => readClock(pool),
    },
    close: () => opened.end(),
  }
}

/** One writer of several: each transaction takes a session of its own. */
export async function openForWriting(
  place: DatabasePlace,
  { indexSecret }: IndexSecret,
): Promise<WritingStore> {
  const pool = open(place, place.url, 'writing')
  const { readFacts } = createFactReader()
  return {
    store: createAppendStore({ pool, readFacts, indexSecret }),
    toRefusal,
    close: () => pool.end(),
  }
}

/** The logs to read back from, the guard, and the lock of the node that signs. */
export async function openForSigning(
  place: DatabasePlace,
  { indexSecret }: IndexSecret,
): Promise<SigningStores> {
  const pool = open(place, place.url, 'signing')
  const guardPool = place.guardUrl === undefined ? pool : open(place, place.guardUrl, 'signing')
  const lockPool = open(place, place.url, 'lock')
  const lock = createSignerLock({ pool: lockPool })
  return {
    store: {
      ...createReadStore({ pool, indexSecret }),
      readCheckpoint: createProveStore({ pool }).readCheckpoint,
    },
    guard: openLazily(guardPool),
    toRefusal,
    turn: { take: lock.take, readGrowth: () => readGrowth(pool) },
    async close() {
      lock.close()
      await Promise.all([...new Set([pool, guardPool, lockPool])].map((each) => each.end()))
    },
  }
}

/** Opened when it is first needed, and again where that failed: a thread must not die of it. */
function openLazily(pool: Pool): Guard {
  let opened: Promise<Guard> | undefined
  const open = (): Promise<Guard> => {
    opened ??= openGuard({ pool }).catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }
  return {
    list: async () => (await open()).list(),
    advance: async (steps) => (await open()).advance(steps),
  }
}
