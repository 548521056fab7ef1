import { setTimeout } from 'node:timers/promises'
import { askDatabase, type PostgresProxy, type Random, type TestPostgres } from '@indelible/testkit'
import type { Cluster } from './cluster.ts'

/** What faults strike: nodes, each with a way of its own to the database, and the database. */
export interface Site {
  readonly cluster: Cluster
  readonly postgres: TestPostgres
  readonly proxies: readonly PostgresProxy[]
  /** The database itself, by no proxy. */
  readonly store: string
  readonly random: Random
}

/** Strikes under load; resolves when it has been mended, as far as anybody but the nodes mends it. */
export type Fault = (site: Site) => Promise<void>

/** Longer than the database lets a stopped node hold a log's head. */
const longStopMs = 6_000
const shortStopMs = 600
const troubleMsMax = 800
const delayMsMax = 150
/** COMMITs that go wrong in one round, and how long it waits for them. */
const commitFaults = 9
const commitMsMax = 2_000

const killNode: Fault = ({ cluster, random }) => cluster.replace(random.whole(cluster.nodes.length))

const killTwoNodes: Fault = async ({ cluster, random }) => {
  const count = cluster.nodes.length
  const first = random.whole(count)
  await Promise.all([cluster.replace(first), cluster.replace((first + 1) % count)])
}

/** In mid-append for all it knows; it goes on as if nothing had been. */
const stopNode: Fault = async ({ cluster, random }) => {
  const node = random.pick(cluster.nodes)
  if (node === undefined) return
  process.kill(node.pid, 'SIGSTOP')
  await setTimeout(random.whole(random() < 0.25 ? longStopMs : shortStopMs))
  process.kill(node.pid, 'SIGCONT')
}

const restart: Fault = ({ postgres }) => postgres.restart('fast')
const restartAtOnce: Fault = ({ postgres }) => postgres.restart('immediate')
const restartUnderKill: Fault = async (site) => {
  await Promise.all([restartAtOnce(site), killNode(site)])
}

const terminateSessions: Fault = async ({ store }) => {
  await askDatabase(
    store,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.7`,
  )
}

/** The server ends all sessions, and recovers as from a crash. */
const killServerProcess =
  (condition: string): Fault =>
  async ({ store }) => {
    const found = await askDatabase(
      store,
      `SELECT pid FROM pg_stat_activity
       WHERE ${condition} AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1`,
    )
    const [{ pid }] = found as [{ pid: number }] // of the statement above
    process.kill(pid, 'SIGKILL')
    await untilBack(store)
  }

async function untilBack(store: string): Promise<void> {
  for (;;) {
    try {
      await askDatabase(store, 'SELECT 1')
      return
    } catch {
      await setTimeout(50)
    }
  }
}

const cutAll: Fault = async ({ proxies }) => {
  for (const proxy of proxies) proxy.cut()
}

const delayAll: Fault = async ({ proxies, random }) => {
  for (const proxy of proxies) proxy.trouble({ delayMs: random.whole(delayMsMax) })
  await setTimeout(random.whole(troubleMsMax))
  for (const proxy of proxies) proxy.heal()
}

const lose =
  (drops: 'requests' | 'answers'): Fault =>
  async ({ proxies, random }) => {
    const proxy = random.pick(proxies)
    proxy.trouble({ drops })
    await setTimeout(random.whole(troubleMsMax))
    proxy.heal()
  }

const failCommits: Fault = async ({ proxies, random }) => {
  const struck = Array.from({ length: commitFaults }, () =>
    random.pick(proxies).failNextCommit(random() < 0.7 ? 'unanswered' : 'lost'),
  )
  await Promise.race([Promise.all(struck), setTimeout(commitMsMax)])
  // It holds its log for seconds, and with it whatever should fail next.
  void random.pick(proxies).failNextCommit('stalled')
}

/** By the words in which they are counted. */
export const faults: Readonly<Record<string, Fault>> = {
  'sessions terminated': terminateSessions,
  'COMMITs gone wrong': failCommits,
  'node killed': killNode,
  'backend killed': killServerProcess('datname = current_database()'),
  'answers lost': lose('answers'),
  'node stopped': stopNode,
  'database crashed': restartAtOnce,
  'connections cut': cutAll,
  'network slow': delayAll,
  'two nodes killed': killTwoNodes,
  'walwriter killed': killServerProcess("backend_type = 'walwriter'"),
  'requests lost': lose('requests'),
  'database restarted': restart,
  'database crashed and node killed': restartUnderKill,
}
