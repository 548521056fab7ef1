import type { auditData } from '@indelible/server'
import { type Random, startPostgres, type TestPostgres } from '@indelible/testkit'
import { type Cluster, startCluster } from './cluster.ts'
import { createSharedStore, nodeOn } from './shared-store.ts'

const nodeCount = 3

/** Services on one store, and where that is. */
export interface Services extends AsyncDisposable {
  readonly cluster: Cluster
  readonly place: Parameters<typeof auditData>[0]
  /** The server of a store that has one. */
  readonly postgres?: TestPostgres
}

interface Start {
  readonly random: Random
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
}

/** One service on a data folder. */
export async function startEmbedded({ random, folder, environment }: Start): Promise<Services> {
  const cluster = await startCluster({ random, folder, environments: [environment] })
  return { cluster, place: { folder }, [Symbol.asyncDispose]: cluster[Symbol.asyncDispose] }
}

/** Three nodes on a PostgreSQL of their own. */
export async function startNodes({ random, folder, environment }: Start): Promise<Services> {
  await using cleanup = new AsyncDisposableStack()
  const postgres = cleanup.use(await startPostgres())
  const shared = await createSharedStore(postgres, folder)
  const node = { ...nodeOn(shared, shared.store), ...environment }
  const environments = Array.from({ length: nodeCount }, () => node)
  const cluster = cleanup.use(await startCluster({ random, folder, environments }))
  const parts = cleanup.move()
  return { cluster, place: shared, postgres, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}
