import { setTimeout } from 'node:timers/promises'
import {
  type Answer,
  createTemporaryFolder,
  createTestSeed,
  type Random,
  type SpawnedServer,
  spawnServer,
  type TestPostgres,
} from '@indelible/testkit'

/** What a client sees of several nodes: requests go to one of those that run, chosen by lot. */
export type Cluster = Awaited<ReturnType<typeof startCluster>>

const nodeGone: Answer = { status: 503, headers: new Headers(), text: 'node gone', json: undefined }
/** A client's patience with one node, and its pause before it asks another. */
const patienceMs = 3_000
const pauseMs = 20

/** A connection that broke (TypeError) or took too long; anything else is a fault of the test. */
function toNodeGone(error: unknown): Answer {
  const isLost = error instanceof TypeError || (error as Error).name === 'TimeoutError'
  if (!isLost) throw error
  return nodeGone
}

/** Nodes on one PostgreSQL, each a process of its own, with one seed. */
export async function startCluster(options: {
  readonly postgres: TestPostgres
  readonly random: Random
  readonly nodes: number
  readonly environment?: Readonly<Record<string, string>>
}) {
  const { postgres, random } = options
  const folder = createTemporaryFolder()
  const seedFile = createTestSeed(folder.path)
  const store = await postgres.createDatabase()
  const environment = {
    INDELIBLE_STORE: store,
    INDELIBLE_SEED_FILE: seedFile,
    INDELIBLE_DRAIN_SECONDS: '0',
    ...options.environment,
  }
  const start = (): Promise<SpawnedServer> => spawnServer({ folder: folder.path, environment })
  const nodes: (SpawnedServer | undefined)[] = []
  for (let n = 0; n < options.nodes; n++) nodes.push(await start())
  let takesLoad = true

  const pick = (): SpawnedServer | undefined => {
    const live = nodes.filter((node) => node !== undefined)
    return live[random.whole(live.length)]
  }
  /** A node that is gone took the request with it, or not: the caller sends it again. */
  const send = async (work: (node: SpawnedServer) => Promise<Answer>): Promise<Answer> => {
    if (!takesLoad) throw new TypeError('the load has ended')
    const node = pick()
    const answer = node === undefined ? nodeGone : await work(node).catch(toNodeGone)
    if (answer.status === 503) await setTimeout(pauseMs)
    return answer
  }
  return {
    store,
    seedFile,
    nodes,
    ask: (path: string, init?: RequestInit) => send((node) => node.ask(path, init)),
    post: (path: string, body: unknown) =>
      send((node) =>
        node.ask(path, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
          signal: AbortSignal.timeout(patienceMs),
        }),
      ),
    /** Kills one node and starts another in its place. */
    async replace(n: number): Promise<void> {
      const old = nodes[n]
      nodes[n] = undefined
      await old?.kill('SIGKILL')
      nodes[n] = await start()
    },
    /** Nodes that are gone and were not killed by us, with what they wrote. */
    endedByThemselves(): string[] {
      return nodes.flatMap((node) => (node?.hasEnded() ? [node.errors()] : []))
    },
    /** While it is off every request ends as one that was cut off. */
    takeLoad(isOn: boolean): void {
      takesLoad = isOn
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node?.kill('SIGKILL')))
      folder[Symbol.dispose]()
    },
  }
}
