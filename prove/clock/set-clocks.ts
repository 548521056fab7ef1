// One service, whose clock is set while it runs.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Head } from '@indelible/protocol'
import { follow, type SpawnedServer, type Stream, testAdminPassword } from '@indelible/testkit'
import { audit } from '../clients/audit.ts'
import { comesTrue } from '../clients/comes-true.ts'
import { createWitness } from '../clients/witness.ts'
import type { Findings, StageContext } from '../harness/stage.ts'
import { startCluster } from '../nodes/cluster.ts'
import type { Dials } from './dials.ts'
import { createLoad, hasSome } from './load.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** Ahead, and back again: by turns. */
const jumpsMs = [hourMs, 3 * 365 * dayMs, 7 * minuteMs, 12 * dayMs]
/** Written to by the clients whatever the clock does, and by nobody while it is ahead. */
const busy = ['acme', 'globex']
const calm = 'calm'
/** Within this something comes that is not asked to come at once. */
const patienceMs = 60_000
/** Of leap seconds, on a machine that may do nothing for the whole of one. */
const leapsMax = 5

export async function setClocks(
  context: StageContext,
  options: { readonly dials: Dials; readonly rounds: number },
): Promise<Findings> {
  const { random, environment, isMutated } = context
  const { dials, rounds } = options
  const folder = join(context.folder, 'set')
  mkdirSync(folder)
  await using cluster = await startCluster({
    ...{ random, folder },
    environments: [{ ...environment, ...dials.environment }],
  })
  const [server] = cluster.nodes
  if (server === undefined) throw new Error('The service is not there.')
  const clock = createClock(dials)
  const load = createLoad({ cluster, random, tenants: busy })
  const counts = { jumps: 0, refused: 0, stood: 0, 'leap seconds': 0, drifts: 0, expired: 0 }
  const found: string[] = []
  const expect = (holds: boolean, fault: string) => void (holds || found.push(fault))
  const witnesses = [...busy, calm].map(createWitness)
  const rig = { server, clock, load, counts, expect }

  await load.run(200, hasSome)
  await append(server, calm)
  const followed = isMutated ? undefined : await gather(server, 'acme')
  for (let n = 0; n < rounds && found.length + load.faults().length === 0; n++) {
    await jump(rig, jumpsMs[n % jumpsMs.length] ?? hourMs)
    if (isMutated) continue
    if (n % 5 === 0) await leap(rig)
    if (n % 5 === 0) await drift(rig)
    for (const witness of witnesses) await witness.observe(cluster)
    context.progress(n + 1, rounds)
  }
  if (found.length + load.faults().length > 0 || followed === undefined) {
    return { counts, faults: [...load.faults(), ...found] }
  }
  await expire(rig)
  const settled = await load.settle()
  const size = (await server.ask('/v1/logs/acme')).json.size
  const streamed = await followed.upTo(size)
  expect(streamed === size, `the stream brought ${streamed} entries of ${size}, or not in order`)
  await server.stop()
  return {
    counts: { ...counts, ...settled.counts, streamed },
    faults: [...load.faults(), ...found, ...settled.faults, ...(await audit({ folder }))],
  }
}

interface Rig {
  readonly server: SpawnedServer
  readonly clock: ReturnType<typeof createClock>
  readonly load: ReturnType<typeof createLoad>
  readonly counts: Record<string, number>
  readonly expect: (holds: boolean, fault: string) => void
}

/** The service's clock; what it comes to in the end is never behind where it has been. */
function createClock({ setClock }: Dials) {
  let offMs = 0
  return {
    now: () => Date.now() + offMs,
    turn(ms: number): void {
      offMs += ms
      setClock(offMs)
    },
  }
}

const count = (rig: Rig, what: string, by = 1) => {
  rig.counts[what] = (rig.counts[what] ?? 0) + by
}

let appended = 0
const append = ({ post }: SpawnedServer, tenant: string) =>
  post('/v1/events', {
    ...{ tenant, id: `own-${appended++}`, action: 'order.paid', actor: { id: 'u_1' } },
  })

/** Ahead, back to where it was, to half a minute short of where it has been, and on. */
async function jump(rig: Rig, ms: number): Promise<void> {
  const { server, clock, load, expect } = rig
  clock.turn(ms)
  const earliest = clock.now()
  const ahead = await load.run(250, hasSome)
  const last = ahead.reduce((latest, { received }) => Math.max(latest, Date.parse(received)), 0)
  expect(ahead.length > 0 && last >= earliest, 'a clock that jumped ahead was not gone by')
  await untilSigned(rig, 'acme')

  clock.turn(-ms)
  const refused = await append(server, 'acme')
  const { status, json, headers } = refused
  const isTold = status === 503 && json.code === 'clock-behind' && headers.has('retry-after')
  expect(isTold, `behind its log's last entry, the service answers ${status} ${json.code}`)
  const taken = await load.run(100)
  expect(taken.length === 0, `${taken.length} events were taken by a clock that is behind`)
  count(rig, 'refused')
  const other = await append(server, calm)
  expect(other.status === 201, `a log that was not written to meanwhile: ${other.text}`)
  await untilSigned(rig, calm)
  await until(rig, 'a checkpoint went on naming a time to come', async () => {
    const { checkpoint } = (await server.ask('/v1/logs/acme')).json
    return Date.parse(checkpoint.time) <= clock.now() + minuteMs
  })

  clock.turn(last - 30_000 - clock.now())
  const still = await load.run(100, hasSome)
  const standing = new Date(last).toISOString()
  expect(still.length > 0, 'less than a minute behind, nothing is taken')
  for (const { tenant, received } of still) {
    if (tenant === 'acme' && received < standing) continue // told by the order of the log
    count(rig, 'stood')
  }
  clock.turn(31_000)
  expect(hasSome(await load.run(100, hasSome)), 'with its clock right again, nothing is taken')
  count(rig, 'jumps')
}

/** Leap seconds, until events were taken before one was over. */
async function leap(rig: Rig): Promise<void> {
  for (let left = leapsMax; left > 0; left--) {
    if (!(await leapOnce(rig))) continue
    count(rig, 'leap seconds')
    return
  }
}

/** As Linux makes one: the last second of the day comes twice. @returns whether it was used */
async function leapOnce({ clock, load, expect }: Rig): Promise<boolean> {
  const midnight = Math.ceil((clock.now() + 1_000) / dayMs) * dayMs
  const isLate = ({ received }: Head) => Date.parse(received) >= midnight
  clock.turn(midnight - 600 - clock.now())
  const before = load.run(600)
  await setTimeout(600)
  clock.turn(-1_000)
  const taken = await before
  taken.push(...(await load.run(1_200, (heads) => heads.some(isLate))))
  expect(taken.some(isLate), 'a leap second held up the service')
  return !taken.every(isLate)
}

/** Slewed: a third too fast, then too slow; then a clock that jitters. */
async function drift(rig: Rig): Promise<void> {
  const { clock, load, expect } = rig
  const running = load.run(900, hasSome)
  for (let step = 0; step < 75; step++) {
    clock.turn(step < 25 ? 3 : step < 50 ? -3 : step % 2 === 0 ? 40 : -40)
    await setTimeout(10)
  }
  expect((await running).length > 0, 'a clock that drifts holds up the service')
  count(rig, 'drifts')
}

/** Keys, tokens and sessions end by the clock, a stream that is open with them. */
async function expire(rig: Rig): Promise<void> {
  const { server, clock, expect } = rig
  const expires = new Date(clock.now() + hourMs).toISOString()
  const made = await server.post('/v1/keys', {
    ...{ name: 'short', scopes: ['read'], tenants: [calm], expires },
  })
  const key = String(made.json.key)
  const viewer = (await server.post('/v1/tokens', { tenant: calm, ttl: 3_600 })).json.token
  const login = { username: 'admin', password: testAdminPassword }
  const session = (await server.post('/v1/login', login)).json.token
  const stream = await follow(server.url, `/v1/stream?tenant=${calm}`, { key })
  const expectOf = async (credentials: object, wanted: number) => {
    for (const [name, text] of Object.entries(credentials)) {
      const headers = { authorization: `Bearer ${text}` }
      const { status } = await server.ask(`/v1/events?tenant=${calm}&limit=1`, { headers })
      expect(status === wanted, `the ${name} is answered ${status} where ${wanted} is due`)
      if (wanted === 401) count(rig, 'expired')
    }
  }
  await expectOf({ key, viewer, session }, 200)
  clock.turn(2 * hourMs)
  await expectOf({ key, viewer }, 401)
  await expectOf({ session }, 200)
  const ended = await Promise.race([stream.rest(), setTimeout(patienceMs, 'never')])
  expect(ended !== 'never', 'a stream outlived the key that it was opened with')
  clock.turn(11 * hourMs)
  await expectOf({ session }, 401)
  const again = (await server.post('/v1/login', login)).status
  expect(again === 200, `after sessions have ended a log-in is answered ${again}`)
}

const untilSigned = (rig: Rig, tenant: string) =>
  until(rig, `no checkpoint follows the log of ${tenant}`, async () => {
    const { size, checkpoint } = (await rig.server.ask(`/v1/logs/${tenant}`)).json
    return checkpoint?.size === size
  })

const until = async ({ expect }: Rig, fault: string, holds: () => Promise<boolean>) =>
  expect(await comesTrue(holds), fault)

/** Follows a log from its beginning to the end of the stage. */
async function gather({ url }: SpawnedServer, tenant: string) {
  const stream: Stream = await follow(url, `/v1/stream?tenant=${tenant}`, { last: '-1' })
  let next = 0
  let isInOrder = true
  const reading = (async () => {
    for (;;) {
      for (const { index } of await stream.take(1)) isInOrder &&= index === next++
    }
  })().catch(() => undefined) // it has ended
  return {
    /** @returns how many came, one after the other; less where they did not */
    async upTo(size: number): Promise<number> {
      await comesTrue(() => next >= size)
      await stream[Symbol.asyncDispose]()
      await reading
      return isInOrder ? next : -1
    },
  }
}
