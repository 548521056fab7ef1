import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { type Acknowledged, createAcknowledged } from './acknowledged.ts'
import { createEvents } from './events.ts'
import { createLatencies, type Latencies } from './latencies.ts'
import { watchMemory } from './memory.ts'
import type { LoadOptions } from './options.ts'
import { type Pace, type Pacer, runClosedLoop, runOpenLoop, type Submit } from './pace.ts'
import type { Live } from './progress.ts'
import { proveKept } from './prove.ts'
import { createReport, type Maximum, type Report } from './report.ts'
import { createSchedule } from './schedule.ts'
import { createSender, type Sender } from './sender.ts'
import { openService } from './service.ts'

const windowMsMax = 5 * 60_000
const windowMsMin = 10_000
const windowsMin = 6
/** A service is slower before its code is compiled. */
const probeWarmUpShare = 0.25

const pacer: Pacer = {
  now: () => performance.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => undefined),
}

/** What a run shares: where it sends to, and what it knows of the answers. */
interface Run {
  readonly options: LoadOptions
  readonly sender: Sender
  readonly acknowledged: Acknowledged
  /** Makes the requests of a phase; numbers go on where the phase before ended. */
  readonly submit: (signal: AbortSignal) => Submit
}

/**
 * The whole of it: a service, the most it can (where the rate is a share of that), the load, the proof.
 * @param call.signal ends the sending early; what was acknowledged by then is proved all the same
 */
export async function runLoad(call: {
  readonly options: LoadOptions
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly live: Live
  readonly signal: AbortSignal
}): Promise<Report> {
  const { options, live, signal } = call
  const createText = createEvents({ ...options, file: options.events, random: Math.random })
  // 1 The service, and what watches it.
  await using service = await openService(options, call.environment)
  const since = Date.now()
  using memory = watchMemory({ ...service, now: pacer.now })
  using sender = createSender({
    ...service,
    ...{ connections: options.connections, timeoutMs: options.timeout, giveUpMs: options.giveUp },
    ...{ pacer, random: Math.random },
  })
  // 2 The load.
  const run = prepare(options, sender, createText)
  const { rate } = options
  const maximum = 'share' in rate ? await measureMaximum(run, live, signal) : undefined
  const perSecond = 'share' in rate ? rate.share * (maximum?.perSecond ?? 0) : rate.perSecond
  const latencies = createLatencies({ windowMs: windowMsOf(options.duration) })
  const before = run.acknowledged.count
  const pace = await sendAtRate(run, perSecond, latencies, live, signal)
  const counted = run.acknowledged.count - before
  await memory.take().catch(() => undefined)
  // 3 The proof.
  live.say(`looking for ${run.acknowledged.count} acknowledged events …`)
  const kept = await proveKept({ ...service, ...run, since, tenants: namesOf(options) })
  live.say('auditing …')
  const audit = await service.audit()
  const { samples } = memory
  return createReport({
    ...{ options, service: service.name, maximum, perSecond, pace, counted, latencies },
    ...{ sending: sender.figures, memory: samples, kept, audit, wasCut: signal.aborted },
  })
}

/** Names of the logs, `--tenants` of them. */
const namesOf = ({ tenant, tenants }: LoadOptions): readonly string[] =>
  tenants === 1 ? [tenant] : Array.from({ length: tenants }, (_, n) => `${tenant}-${n + 1}`)

const windowMsOf = (durationMs: number): number =>
  Math.max(windowMsMin, Math.min(windowMsMax, durationMs / windowsMin))

function prepare(
  options: LoadOptions,
  sender: Sender,
  createText: ReturnType<typeof createEvents>,
): Run {
  const { batch } = options
  const tenants = namesOf(options)
  // A request goes to one log, as a caller's does; its number says which.
  const tenantOf = (n: number): string =>
    tenants[Math.floor(n / batch) % tenants.length] ?? options.tenant
  const run = `load-${randomBytes(5).toString('hex')}`
  const acknowledged = createAcknowledged({ run, tenantOf })
  let made = 0
  const submit = (signal: AbortSignal) => async (): Promise<boolean> => {
    const from = made
    made += batch
    const nowMs = Date.now()
    const texts = Array.from({ length: batch }, (_, at) =>
      createText({ id: acknowledged.idOf(from + at), tenant: tenantOf(from + at), nowMs }),
    )
    const heads = await sender.send(`[${texts.join(',')}]`, signal)
    if (heads !== undefined) acknowledged.keep(from, heads)
    return heads !== undefined
  }
  return { options, sender, acknowledged, submit }
}

async function measureMaximum(run: Run, live: Live, signal: AbortSignal): Promise<Maximum> {
  const { options, submit } = run
  const latencies = createLatencies({ windowMs: options.probe })
  const durationMs = options.probe
  using _ = live.watch({ what: 'the most there is', durationMs, run, latencies })
  const warmUpMs = durationMs * probeWarmUpShare
  const { perSecond } = await runClosedLoop({
    ...{ durationMs, warmUpMs, connections: options.connections },
    ...{ submit: submit(signal), latencies, pacer, signal },
  })
  return { perSecond: perSecond * options.batch, latencyMs: latencies.total() }
}

async function sendAtRate(
  run: Run,
  perSecond: number,
  latencies: Latencies,
  live: Live,
  signal: AbortSignal,
): Promise<Pace> {
  const { options, submit } = run
  const { duration: durationMs, batch, arrival, connections } = options
  using _ = live.watch({ what: 'load', durationMs, run, latencies })
  const random = Math.random
  const schedule = createSchedule({ perSecond: perSecond / batch, durationMs, arrival, random })
  // Awaited here: the watch ends with this block.
  return await runOpenLoop({
    ...{ schedule, connections, submit: submit(signal), latencies, pacer, signal, durationMs },
    graceMs: options.giveUp,
  })
}
