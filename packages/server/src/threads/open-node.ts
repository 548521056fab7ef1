import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../base/message-of.ts'
import { type Config, ConfigError } from '../config/read-config.ts'
import { findSharedSeedFault, readOrCreateSeed } from '../config/seed.ts'
import { createKeyring } from '../ledger/keyring.ts'
import { assertNotMoving } from '../store/move.ts'
import { isPassing, sqlState } from '../store/postgres/failure.ts'
import { openGuard } from '../store/postgres/guard.ts'
import { claimInstance, readInstance } from '../store/postgres/instance.ts'
import { assertServer, openPool, type Pool } from '../store/postgres/open.ts'
import { migrateStore } from '../store/postgres/schema.ts'

/** How long a node waits for a database that is starting, and how often it says so. */
const waitMsMax = 60_000
const pauseMs = 500
const sayEveryMs = 5_000

/**
 * Takes a database for this node: server, schema, seed, origin. Everything that can be wrong with
 * it is found here, before anything is started.
 * @throws Error with a sentence for the operator; ConfigError without a seed
 */
export async function openNode(options: {
  readonly pool: Pool
  readonly config: Config
  /** Told, in a sentence, what is waited for. */
  readonly onWait: (sentence: string) => void
}) {
  const { pool, config, onWait } = options
  const seed = readSharedSeed(config.seedFile)
  await waitForDatabase(pool, 'INDELIBLE_STORE', onWait)
  if (config.guardUrl !== undefined) await assertGuard(config.guardUrl, onWait)
  const seedMark = createKeyring({ seed, originHost: '' }).deriveSecret('seed mark')
  const instance = await claim(pool, seedMark, config.originHost).catch(refuseBy('INDELIBLE_STORE'))
  // A node that may not keep the guard would look well, and never sign.
  if (config.guardUrl === undefined) await openGuard({ pool }).catch(refuseBy('INDELIBLE_STORE'))
  const { originHost, id: instanceId } = instance
  return { seed, originHost, instanceId, keyring: createKeyring({ seed, originHost }) }
}

async function claim(pool: Pool, seedMark: Uint8Array, originHost: string | undefined) {
  await assertServer(pool)
  await migrateStore(pool)
  assertNotMoving((await readInstance(pool)).move)
  return claimInstance(pool, { seedMark, originHost })
}

/** @throws ConfigError without one */
function readSharedSeed(path: string | undefined): Uint8Array {
  const fault = findSharedSeedFault(path)
  if (path === undefined || fault !== undefined) {
    throw new ConfigError([`INDELIBLE_SEED_FILE: ${fault}`])
  }
  return readOrCreateSeed(path, false)
}

/** The guard's own database: what it vouches for must be as durable as what it guards. */
async function assertGuard(url: string, onWait: (sentence: string) => void): Promise<void> {
  const onFault = (): void => undefined
  const pool = openPool({ url, connections: 1, name: 'indelible start', onFault })
  try {
    await waitForDatabase(pool, 'INDELIBLE_GUARD', onWait)
    await assertServer(pool)
    await openGuard({ pool }).catch(refuseBy('INDELIBLE_GUARD'))
  } finally {
    await pool.end()
  }
}

async function waitForDatabase(
  pool: Pool,
  setting: string,
  onWait: (sentence: string) => void,
): Promise<void> {
  const startedAt = performance.now()
  let saidAt = Number.NEGATIVE_INFINITY
  for (;;) {
    try {
      await pool.query('SELECT 1')
      return
    } catch (error) {
      const now = performance.now()
      const reason = messageOf(error)
      if (!isPassing(error)) throw refuse(setting, error)
      if (now - startedAt >= waitMsMax) {
        throw new Error(`The database of ${setting} is out of reach: ${reason}.`)
      }
      if (now - saidAt >= sayEveryMs) {
        saidAt = now
        onWait(`waiting for the database of ${setting}, up to ${waitMsMax / 1_000} s: ${reason}`)
      }
    }
    await delay(pauseMs)
  }
}

/** No such user, no right to create: the server's own words, in a sentence. */
const refuse = (setting: string, error: unknown): Error =>
  new Error(`The database of ${setting} refuses: ${messageOf(error)}.`, { cause: error })

const refuseBy =
  (setting: string) =>
  (error: unknown): never => {
    throw sqlState(error) === undefined ? error : refuse(setting, error)
  }
