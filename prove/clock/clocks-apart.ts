// Three nodes on one database, each with a clock of its own.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type SpawnedServer, startPostgres } from '@indelible/testkit'
import { audit } from '../clients/audit.ts'
import { comesTrue } from '../clients/comes-true.ts'
import type { Findings, StageContext } from '../harness/stage.ts'
import { startCluster } from '../nodes/cluster.ts'
import { createSharedStore, nodeOn } from '../nodes/shared-store.ts'
import type { Dials } from './dials.ts'
import { createLoad, hasSome } from './load.ts'

const minuteMs = 60_000
/** Apart by as much, all nodes go on. */
const nearMs = 20_000
/** By as much one of them is off, ahead or behind: by turns. */
const farMs = [10 * minuteMs, -60 * minuteMs, 400 * 24 * 60 * minuteMs, -2 * minuteMs]

export async function setClocksApart(
  context: StageContext,
  options: { readonly dials: readonly Dials[]; readonly rounds: number },
): Promise<Findings> {
  const { random, environment } = context
  const { dials, rounds } = options
  const folder = join(context.folder, 'apart')
  mkdirSync(folder)
  await using postgres = await startPostgres()
  const shared = await createSharedStore(postgres, folder)
  await using cluster = await startCluster({
    ...{ random, folder },
    environments: dials.map((own) => ({
      ...nodeOn(shared, shared.store),
      ...environment,
      ...own.environment,
    })),
  })
  const load = createLoad({ cluster, random, tenants: ['acme', 'globex'] })
  const found: string[] = []
  const counts = { apart: 0, 'too far apart': 0 }
  const expect = (holds: boolean, fault: string) => void (holds || found.push(fault))

  for (let n = 0; n < rounds && found.length + load.faults().length === 0; n++) {
    for (const own of dials) own.setClock(random.whole(2 * nearMs) - nearMs)
    expect(
      (await load.run(300, hasSome)).length > 0,
      'less than a minute apart, the nodes take nothing',
    )
    counts.apart++

    const off = random.whole(dials.length)
    const server = cluster.nodes[off]
    const own = dials[off]
    if (server === undefined || own === undefined) throw new Error(`There is no node ${off}.`)
    own.setClock(farMs[n % farMs.length] ?? minuteMs)
    expect(await becomes(server, 503), 'a node whose clock is off says that it is ready')
    const { status, json } = await append(server, n)
    const isTold = status === 503 && json.code === 'clock-behind'
    expect(isTold, `a node whose clock is off answers ${status} ${json.code}`)
    expect(
      (await load.run(300, hasSome)).length > 0,
      'one node whose clock is off holds up the others',
    )
    counts['too far apart']++

    own.setClock(0)
    expect(await becomes(server, 200), 'a node whose clock is right again is not ready')
    const again = await append(server, n)
    expect(again.status === 201, `a node whose clock is right again answers ${again.text}`)
    context.progress(n + 1, rounds)
  }
  const settled = await load.settle()
  return {
    counts: { ...counts, ...settled.counts },
    faults: [...load.faults(), ...found, ...settled.faults, ...(await audit(shared))],
  }
}

const append = ({ post }: SpawnedServer, n: number) =>
  post('/v1/events', { tenant: 'own', id: `own-${n}`, action: 'a.b', actor: { id: 'u_1' } })

/** Whether a node comes to say of itself that it is ready, or that it is not. */
const becomes = ({ ask }: SpawnedServer, status: 200 | 503): Promise<boolean> =>
  comesTrue(async () => (await ask('/readyz')).status === status)
