import { setTimeout } from 'node:timers/promises'
import { defaultTenant } from '@indelible/protocol'
import { exportLog } from '../clients/compare.ts'
import type { Cluster } from '../nodes/cluster.ts'
import type { Broker } from './brokers.ts'

const drainMsMax = 120_000
const lookMs = 500
/** What comes again does so within this: NATS waits ten seconds for an acknowledgement. */
const againMsMax = 15_000
/** Looks in a row that find nothing under way, after which nothing will come any more. */
const calmLooks = 10

/** What a publisher knows of its events: their `data.n`. */
export interface Published {
  readonly confirmed: ReadonlySet<number>
  /** Neither confirmed nor published again: there, or not. */
  readonly unsure: ReadonlySet<number>
}

/**
 * Waits until every event that was confirmed is in the log, or until nothing comes any more.
 * @returns what does not hold, a sentence each
 */
export async function compareWithConfirmed(
  cluster: Cluster,
  broker: Pick<Broker, 'look'>,
  { confirmed, unsure }: Published,
): Promise<string[]> {
  const missingOf = (kept: readonly number[]) => confirmed.difference(new Set(kept))
  let calm = 0
  const look = async (): Promise<void> => {
    await setTimeout(lookMs)
    calm = (await isCalm(cluster, broker)) ? calm + 1 : 0
  }
  const drainedBy = performance.now() + drainMsMax
  while (calm < calmLooks && performance.now() < drainedBy) {
    await look()
    if (missingOf(await readNumbers(cluster)).size === 0) break
  }
  // Not until it is calm: NATS 2.9, killed, may count for good what it was acknowledged before.
  const againBy = performance.now() + againMsMax
  while (calm === 0 && performance.now() < againBy) await look()
  const kept = await readNumbers(cluster)
  const known = new Set(kept)
  const strangers = known.difference(confirmed).difference(unsure)
  return [
    ...Array.from(missingOf(kept), (n) => `event ${n}: confirmed and lost`),
    ...(kept.length === known.size ? [] : [`${kept.length - known.size} events are kept twice`]),
    ...Array.from(strangers, (n) => `event ${n}: kept and never published`),
  ]
}

async function isCalm(cluster: Cluster, broker: Pick<Broker, 'look'>): Promise<boolean> {
  // A broker that was killed a moment ago may not know its queues yet.
  const { waiting } = await broker.look().catch(() => ({ waiting: Number.NaN }))
  const ready = await Promise.all(cluster.nodes.map((node) => node?.ask('/readyz')))
  const held = ready.map((answer) => answer?.json.queues[0].held)
  return waiting === 0 && held.every((count) => count === 0)
}

/** `data.n` of each entry. */
async function readNumbers(cluster: Cluster): Promise<number[]> {
  const entries = await exportLog(cluster, defaultTenant)
  return entries.map(({ event }) => Number(event.data?.n))
}
