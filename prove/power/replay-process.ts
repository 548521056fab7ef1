// Replays one recording, as a process of its own: a stage has as many at a time as it may use cores.
import type { Head } from '@indelible/protocol'
import { createRandom, startTestServer } from '@indelible/testkit'
import { audit } from '../clients/audit.ts'
import type { Expected } from './expectations.ts'
import type { Recording } from './recorder.ts'
import { type ReplayReport, replay } from './replay.ts'

export interface ReplayOrder {
  readonly recording: Recording
  readonly seed: number
  readonly tornMax: number
  readonly restarts: number
  readonly endsAtFault: boolean
}

export type ReplayMessage =
  | { readonly kind: 'progress'; readonly states: number }
  | { readonly kind: 'replayed'; readonly report: ReplayReport }
  | { readonly kind: 'broke'; readonly stack: string }

/** Starts the service on what a crash left, reads what was acknowledged, appends, and audits. */
async function restart(folder: string, { kept }: Expected): Promise<readonly string[]> {
  const heads = [...kept.values()]
  const faults: string[] = []
  await using server = await startTestServer({ folder })
  for (const { tenant, id, index, hash } of [heads[0], heads.at(-1)].flatMap((one) => one ?? [])) {
    const { json } = await server.ask(`/v1/events/${id}?tenant=${tenant}`)
    if (json.index !== index || json.hash !== hash) faults.push(`${id} is not what it was`)
    const search = `/v1/events?tenant=${tenant}&limit=1000&actor.id=${json.event?.actor.id}`
    const found: Head[] = (await server.ask(search)).json.entries
    if (!found.some((entry) => entry.hash === hash)) faults.push(`${id} is not found by a search`)
  }
  const later = { tenant: 'acme', id: 'later', action: 'after.cut', actor: { id: 'u' } }
  const { status } = await server.post('/v1/events', later)
  if (status !== 201) faults.push(`an append was answered ${status}`)
  const receipt = await server.ask('/v1/events/later/receipt?tenant=acme')
  if (receipt.status !== 200) faults.push(`a receipt was answered ${receipt.status}`)
  await server.stop()
  return [...faults, ...(await audit({ folder }))]
}

const progressIntervalMs = 1_000

async function run({ seed, ...order }: ReplayOrder): Promise<ReplayReport> {
  let toldAt = 0
  const onProgress = (states: number): void => {
    if (performance.now() - toldAt < progressIntervalMs) return
    toldAt = performance.now()
    send({ kind: 'progress', states })
  }
  return replay({ ...order, random: createRandom(seed), restart, onProgress })
}

const send = (message: ReplayMessage): void => void process.send?.(message)

process.on('disconnect', () => process.exit(1))
process.once('message', async (order: ReplayOrder) => {
  try {
    send({ kind: 'replayed', report: await run(order) })
  } catch (error) {
    send({ kind: 'broke', stack: error instanceof Error ? `${error.stack}` : String(error) })
  }
  process.disconnect?.()
})
