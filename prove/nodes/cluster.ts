import { setTimeout } from 'node:timers/promises'
import { type Answer, type Random, type SpawnedServer, spawnServer } from '@indelible/testkit'
import { comesTrue } from '../clients/comes-true.ts'
import { createCut, isCut } from '../clients/cut.ts'

type Environment = Readonly<Record<string, string>>

/** What a client sees of several nodes: requests go to one of those that run, chosen by lot. */
export type Cluster = Awaited<ReturnType<typeof startCluster>>

const nodeGone: Answer = { status: 503, headers: new Headers(), text: 'node gone', json: undefined }
/** A client's patience with one node, and its pause before it asks another. */
const patienceMs = 3_000
const pauseMs = 20
const startAttempts = 5

/** A connection that broke or took too long; anything else is a fault of the test. */
function toNodeGone(error: unknown): Answer {
  const isLost = isCut(error) || (error as Error).name === 'TimeoutError'
  if (!isLost) throw error
  return nodeGone
}

/** Services behind one face, each a process of its own. */
export async function startCluster(options: {
  readonly random: Random
  readonly folder: string
  /** One for each node. */
  readonly environments: readonly Environment[]
}) {
  const { random, folder, environments } = options
  /** As a supervisor does: a database that goes away meanwhile ends a start. */
  const start = async (environment: Environment): Promise<SpawnedServer> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await spawnServer({ folder, environment })
      } catch (error) {
        if (attempt === startAttempts) throw error
      }
    }
  }
  // All at once, on a store that none of them has seen.
  const nodes: (SpawnedServer | undefined)[] = await Promise.all(environments.map(start))
  let takesLoad = true

  const pick = (): SpawnedServer | undefined => {
    const live = nodes.filter((node) => node !== undefined)
    return live[random.whole(live.length)]
  }
  /** A node that is gone took the request with it, or not: the caller sends it again. */
  const send = async (work: (node: SpawnedServer) => Promise<Answer>): Promise<Answer> => {
    if (!takesLoad) throw createCut('the load has ended')
    const node = pick()
    const answer = node === undefined ? nodeGone : await work(node).catch(toNodeGone)
    if (answer.status === 503) await setTimeout(pauseMs)
    return answer
  }
  return {
    nodes,
    /** A read: asked again where a node can't answer it, as a client does. */
    async ask(path: string, init?: RequestInit): Promise<Answer> {
      let answer = nodeGone
      await comesTrue(async () => {
        answer = await send((node) => node.ask(path, init))
        return answer.status !== 503
      })
      return answer
    },
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
      nodes[n] = await start(environments[n] ?? {})
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
    },
  }
}
