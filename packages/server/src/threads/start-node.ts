import { hostname } from 'node:os'
import { isAuditTurnTaken } from '../store/postgres/audit-turn.ts'
import { isExposed } from '../store/postgres/exposed.ts'
import { toRefusal } from '../store/postgres/failure.ts'
import { readDatabaseBytes } from '../store/postgres/growth.ts'
import { openPool } from '../store/postgres/open.ts'
import { createFollowers } from './followers.ts'
import { createNodeLedger } from './node-ledger.ts'
import { createNodeWatch } from './node-watch.ts'
import { openNode } from './open-node.ts'
import type { RunningStore, StoreOptions } from './running-store.ts'
import { refusalsSetting } from './shared-checkpoints.ts'
import { createSharedLimiters } from './shared-limiter.ts'
import { startThreads } from './start-threads.ts'

/** Sessions of the main thread: for the start, for limits, and for figures. */
const sessions = 2

/**
 * Starts this node on a database that any number of others may be using.
 * @throws Error with a sentence for the operator where database, seed or origin are at fault
 */
export async function startNode({
  url,
  config,
  clock,
  logger,
  reports,
  observer,
}: StoreOptions & { readonly url: string }): Promise<RunningStore> {
  const node = `${hostname()}:${process.pid}`
  await using cleanup = new AsyncDisposableStack()

  // 1 The database, fit for this node.
  const pool = openPool({
    ...{ url, connections: sessions, name: `indelible ${node}` },
    onFault: (error) => logger.debug({ err: error }, 'a session of the database ended'),
  })
  cleanup.defer(() => pool.end())
  const onWait = (sentence: string) => logger.warn(sentence)
  const addresses = { INDELIBLE_STORE: url, INDELIBLE_GUARD: config.guardUrl }
  for (const [setting, address] of Object.entries(addresses)) {
    if (address === undefined || !isExposed(address, process.env.PGSSLMODE)) continue
    logger.warn(
      `${setting}: whoever is on the way to the database can read along, or pose as it; add ` +
        '?sslmode=verify-full',
    )
  }
  const opened = await openNode({ pool, config, onWait })
  const { keyring, instanceId, seed, originHost } = opened

  // 2 Threads and the ledger.
  const { guardUrl } = config
  const place = { url, node, ...(guardUrl === undefined ? {} : { guardUrl }) }
  const threads = cleanup.use(
    startThreads(
      { place, seed, originHost },
      { onIndexed: () => undefined, onDeath: reports.onDeath },
    ),
  )
  const { reader } = threads
  const followers = createFollowers()
  const { onFault } = reports
  const ledger = createNodeLedger({ threads, keyring, followers, observer, onFault })
  cleanup.defer(() => ledger.close())
  await ledger.start()

  // 3 In step with the other nodes.
  const watch = createNodeWatch({
    ...{ reader, followers, clock, now: () => performance.now() },
    onOutage: (error) => logger.error({ err: error }, 'the database is out of reach'),
    onReturn: () => logger.info('the database is back'),
  })
  cleanup.defer(() => watch.close())
  const parts = cleanup.move()
  return {
    ...{ keyring, instanceId, reader, ledger },
    shared: {
      createLimiter: createSharedLimiters(pool),
      readVersion: () => reader.readAdminVersion(),
      isAuditing: () => isAuditTurnTaken(pool).catch(refuse),
      follow(directory) {
        watch.follow(directory)
        const learn = (): void => {
          const setting = directory.setting(refusalsSetting)
          if (setting !== undefined) ledger.learnRefusals(String(setting.value))
        }
        directory.onChange(learn)
        learn()
      },
    },
    readBytes: async () => ({ database: await readDatabaseBytes(pool).catch(refuse) }),
    // A log that is not signed is one log's matter: the other nodes would not sign it either.
    describe: () => ({
      isReady: watch.isReachable && watch.isInTime,
      detail: {
        ...{ store: 'postgres', node, storeSilentMs: watch.silenceMs },
        clockSkewMs: watch.clockSkewMs,
      },
    }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

const refuse = (error: unknown): never => {
  throw toRefusal(error) ?? error
}
