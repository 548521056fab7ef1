import { formatCount, formatDuration } from '../packages/cli/src/core/progress.ts'
import type { AuditVerdict } from './audit.ts'
import type { Latencies, Percentiles, Window } from './latencies.ts'
import { fitTrend, type MemorySample, type MemoryTrend } from './memory.ts'
import type { LoadOptions } from './options.ts'
import type { Pace } from './pace.ts'
import type { Kept } from './prove.ts'
import type { SenderFigures } from './sender.ts'

/** What the service can, each connection sending as soon as it is answered. */
export interface Maximum {
  /** Events. */
  readonly perSecond: number
  readonly latencyMs: Percentiles
}

/** One thing that was to hold; undefined: it could not be judged. */
export interface Check {
  readonly name: string
  readonly holds: boolean | undefined
  readonly detail: string
}

/** What a run found; `--json` prints it as it is. */
export interface Report {
  readonly service: string
  readonly plan: {
    readonly eventsPerSecond: number
    readonly durationMs: number
    readonly arrival: string
    readonly batch: number
    readonly connections: number
    readonly tenants: number
    readonly shape: string
  }
  readonly maximum: Maximum | null
  /** During the load, the measuring of the most aside. */
  readonly acknowledgedEvents: number
  readonly latencyMs: Percentiles
  readonly windows: readonly Window[]
  readonly errors: Readonly<Record<string, number>>
  readonly retries: number
  readonly memory: MemoryTrend | null
  readonly kept: Kept
  readonly checks: readonly Check[]
}

/** Heaps and caches find their size in the first minutes. */
const memoryJudgedFromMs = 600_000
/** Growth of resident memory over the run that is none: allocators breathe. */
const growthShareMax = 0.1

export function createReport(facts: {
  readonly options: LoadOptions
  readonly service: string
  readonly maximum: Maximum | undefined
  readonly perSecond: number
  readonly pace: Pace
  readonly counted: number
  readonly latencies: Latencies
  readonly sending: SenderFigures
  readonly memory: readonly MemorySample[]
  readonly kept: Kept
  readonly audit: AuditVerdict
  readonly wasCut: boolean
}): Report {
  const { options, sending, latencies, kept, audit } = facts
  const { duration: durationMs, arrival, batch, connections, tenants, shape } = options
  const trend = fitTrend(facts.memory)
  return {
    service: facts.service,
    plan: {
      eventsPerSecond: facts.perSecond,
      ...{ durationMs, arrival, batch, connections, tenants, shape },
    },
    maximum: facts.maximum ?? null,
    acknowledgedEvents: facts.counted,
    latencyMs: latencies.total(),
    windows: latencies.windows(),
    errors: Object.fromEntries(sending.errors),
    retries: sending.retries,
    memory: trend ?? null,
    kept,
    checks: [
      judgeKept(kept),
      {
        name: 'audit',
        holds: audit.findings === undefined ? undefined : audit.findings === 0,
        detail: audit.detail,
      },
      judgeAnswers(sending, facts.pace, facts.wasCut),
      judgePace(facts.pace, options.late, facts.wasCut),
      judgeMemory(trend, facts.memory.at(-1)?.atMs ?? 0),
    ],
  }
}

function judgeKept({
  acknowledged,
  missing,
  twice,
  moved,
  changed,
  disordered,
  examples,
}: Kept): Check {
  const wrong = { missing, twice, moved, changed, disordered }
  const told = Object.entries(wrong).flatMap(([what, count]) =>
    count === 0 ? [] : [`${formatCount(count)} ${what}`],
  )
  const all = `${formatCount(acknowledged)} acknowledged`
  return {
    name: 'kept',
    holds: told.length === 0,
    detail:
      told.length === 0
        ? `${all}, each there once, at its index, with its hash`
        : `${all}: ${told.join(', ')}; ${examples.join('; ')}`,
  }
}

function judgeAnswers({ givenUp }: SenderFigures, { unsent }: Pace, wasCut: boolean): Check {
  const detail = `${formatCount(givenUp)} requests given up, ${formatCount(unsent)} never sent`
  const isWhole = givenUp + unsent === 0
  return { name: 'answered', holds: isWhole || (wasCut ? undefined : false), detail }
}

function judgePace(
  { endLatenessMs, unsent }: Pace,
  endLatenessMsMax: number,
  wasCut: boolean,
): Check {
  if (wasCut) return { name: 'rate', holds: undefined, detail: 'ended early' }
  const detail = `at the end requests were sent ${endLatenessMs.toFixed(0)} ms after they were due`
  return { name: 'rate', holds: unsent === 0 && endLatenessMs <= endLatenessMsMax, detail }
}

function judgeMemory(trend: MemoryTrend | undefined, lengthMs: number): Check {
  const name = 'memory'
  if (trend === undefined) {
    return { name, holds: undefined, detail: 'too few samples, or /metrics shows none' }
  }
  const { minMb, maxMb, growthMbPerHour, growthShare } = trend
  const range = `${minMb.toFixed(0)} to ${maxMb.toFixed(0)} MB after the first quarter`
  if (lengthMs < memoryJudgedFromMs) {
    const minutes = formatDuration(memoryJudgedFromMs / 1_000)
    return { name, holds: undefined, detail: `${range}; its growth is judged from ${minutes} on` }
  }
  const detail = `${range}, fitted growth ${growthMbPerHour.toFixed(1)} MB an hour`
  return { name, holds: growthShare <= growthShareMax, detail }
}

/** For people. */
export function formatReport(report: Report): string {
  const { plan, maximum, latencyMs, windows, errors, retries, checks } = report
  const rate = `${formatCount(Math.round(plan.eventsPerSecond))} events/s`
  const lines = [
    `service    ${report.service}`,
    ...(maximum === null
      ? []
      : [
          `the most   ${formatCount(Math.round(maximum.perSecond))} events/s, ${formatPercentiles(maximum.latencyMs)}`,
        ]),
    `load       ${rate} for ${formatDuration(plan.durationMs / 1_000)}, ${plan.arrival}, ` +
      `${plan.batch} a request, ${plan.connections} connections`,
    `answered   ${formatCount(report.acknowledgedEvents)} events`,
    `latency    ${formatPercentiles(latencyMs)}`,
    ...(windows.length < 2 ? [] : windows.map(formatWindow)),
    `errors     ${formatErrors(errors)}${retries === 0 ? '' : `; ${formatCount(retries)} sent again`}`,
    '',
    ...checks.map(({ name, holds, detail }) => `${marks[`${holds}`]}  ${name}: ${detail}`),
  ]
  return lines.join('\n')
}

const marks = { true: 'ok   ', false: 'WRONG', undefined: '–    ' } as const

const formatPercentiles = ({ p50, p90, p99, p999, max }: Percentiles): string =>
  [
    ['p50', p50],
    ['p90', p90],
    ['p99', p99],
    ['p99.9', p999],
    ['max', max],
  ]
    .map(([name, ms]) => `${name} ${Number(ms).toFixed(1)}`)
    .join(' · ')
    .concat(' ms')

const formatWindow = ({ fromMs, ...percentiles }: Window): string =>
  `  from ${formatDuration(fromMs / 1_000).padEnd(8)} ${formatPercentiles(percentiles)}`

function formatErrors(errors: Report['errors']): string {
  const told = Object.entries(errors).map(([name, count]) => `${formatCount(count)} × ${name}`)
  return told.length === 0 ? 'none' : told.join(', ')
}
