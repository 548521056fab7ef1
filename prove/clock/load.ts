import { setTimeout } from 'node:timers/promises'
import type { Head } from '@indelible/protocol'
import type { Random } from '@indelible/testkit'
import { createClients } from '../clients/clients.ts'
import { comesTrue } from '../clients/comes-true.ts'
import { compareWithAcknowledged, countLost } from '../clients/compare.ts'
import type { Findings } from '../harness/stage.ts'
import type { Cluster } from '../nodes/cluster.ts'

const clientCount = 8
/** For a machine that is busy; less than a clock is put behind, which it makes up for meanwhile. */
const patienceMs = 20_000

type Judge = (heads: readonly Head[]) => boolean
export const hasSome: Judge = (heads) => heads.length > 0

/** Clients that are let loose for a while, again and again, and what they may expect of the time. */
export function createLoad(options: {
  readonly cluster: Cluster
  readonly random: Random
  readonly tenants: readonly string[]
}) {
  const { cluster, random, tenants } = options
  const clients = createClients({ random, count: clientCount, tenants })
  return {
    acknowledged: clients.acknowledged,
    faults: () => [...clients.faults, ...findStepsBack(clients.acknowledged)],
    /**
     * @param isEnough where it is not after these milliseconds, it goes on for a while
     * @returns the heads of what was acknowledged, as they came
     */
    async run(ms: number, isEnough: Judge = () => true): Promise<Head[]> {
      const before = clients.acknowledged.size
      const heads = () => [...clients.acknowledged.values()].slice(before)
      cluster.takeLoad(true)
      const running = clients.run(cluster)
      await setTimeout(ms)
      await comesTrue(() => isEnough(heads()), patienceMs)
      cluster.takeLoad(false)
      await running
      cluster.takeLoad(true)
      return heads()
    },
    /** Sends once more what was not answered, and looks what is kept. */
    async settle(): Promise<Findings> {
      await clients.settle(cluster)
      const differences = await compareWithAcknowledged(cluster, clients.acknowledged)
      const { acknowledged, retried } = clients.figures()
      const counts = { acknowledged, ambiguous: retried, lost: countLost(differences) }
      return { counts, faults: differences }
    },
  }
}

/** Where a log's entries, in their order, were received earlier than the one before. */
function findStepsBack(acknowledged: ReadonlyMap<string, Head>): string[] {
  const logs = Map.groupBy(acknowledged.values(), ({ tenant }) => tenant).values()
  return [...logs].flatMap((heads) =>
    heads
      .toSorted((one, other) => one.index - other.index)
      .flatMap(({ tenant, index, received }, n, all) => {
        const before = all[n - 1]?.received ?? ''
        return received >= before
          ? []
          : [`${tenant}: entry ${index} was received at ${received}, before the one at ${before}`]
      }),
  )
}
