import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { median } from './appends.ts'
import { runLoad } from './load.ts'
import { formatRate, type Row, type Scale } from './report.ts'
import { type Service, startService } from './service.ts'

const frameworks = ['express', 'fastify', 'hono'] as const
const trails = ['none', 'memory', 'spool'] as const
type Trail = (typeof trails)[number]

/** The application has a core; the load and the service that takes its events share the other. */
const onCore = (core: number): readonly string[] => ['taskset', '-c', String(core)]
/** The service takes what the load leaves: else it, and no trail, would slow the requests down. */
const behind = ['nice', '-n', '19']

/** One application, and what its rounds gave. */
interface Application {
  readonly trail: Trail
  readonly service: Service
  readonly rates: number[]
  /** CPU of the application's process for a request, the delivery of its event included. */
  readonly cpuUs: number[]
}

/** A bare route with a trail and without, in turns, for each framework. Linux: cores and their use. */
export async function measureMiddleware(folder: string, scale: Scale): Promise<Row[]> {
  execFileSync('taskset', ['-cp', '1', String(process.pid)])
  const rows: Row[] = []
  for (const framework of frameworks) {
    const launcher = [...onCore(1), ...behind]
    await using audit = await startService('our-server', join(folder, framework), {}, { launcher })
    const applications: Application[] = []
    try {
      for (const trail of trails) {
        const environment = {
          BENCH_FRAMEWORK: framework,
          BENCH_TRAIL: trail,
          BENCH_AUDIT_PORT: String(audit.port),
          BENCH_SPOOL: join(folder, `${framework}.spool`),
        }
        const service = await startService('middleware-app', folder, environment, {
          launcher: onCore(0),
          isPlain: true,
        })
        applications.push({ trail, service, rates: [], cpuUs: [] })
      }
      await run(applications, audit, scale)
    } finally {
      for (const { service } of applications) await service[Symbol.asyncDispose]()
    }
    rows.push(...report(framework, applications))
  }
  return rows
}

async function run(
  applications: readonly Application[],
  audit: Service,
  scale: Scale,
): Promise<void> {
  const requests = scale.singleEvents
  const bodies = Array<string>(requests).fill('')
  let expected = 0
  for (let round = 0; round < scale.rounds * 3 + 1; round++) {
    for (const { trail, service, rates, cpuUs } of applications) {
      const before = service.cpuMs()
      const options = { port: service.port, path: '/items/42', key: '', connections: 64, bodies }
      const { perSecond } = await runLoad(options)
      if (trail !== 'none') expected += requests
      await arrive(audit, expected)
      if (round === 0) continue // all warm up
      rates.push(perSecond)
      cpuUs.push(((service.cpuMs() - before) * 1_000) / requests)
    }
  }
}

/** Every request is in the log, once. */
async function arrive(audit: Service, entries: number): Promise<void> {
  if (entries === 0) return
  for (;;) {
    const { size }: { size: number } = JSON.parse(await audit.get('/v1/logs/default'))
    if (size === entries) return
    if (size > entries) throw new Error(`${size} entries for ${entries} requests`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function report(framework: string, applications: readonly Application[]): Row[] {
  const [bare, ...others] = applications.map(({ trail, rates, cpuUs }) => ({
    trail,
    rate: median(rates),
    cpuUs: median(cpuUs),
  }))
  if (bare === undefined) return []
  return others.flatMap(({ trail, rate, cpuUs }) => [
    {
      what: `${framework}, trail ${trail === 'spool' ? 'with a spool' : 'in memory'}`,
      value: `${formatRate(rate)} requests/s`,
      against: `no trail: ${formatRate(bare.rate)} requests/s`,
      ratio: rate / bare.rate,
      goal: '≥ 0.90',
    },
    {
      what: 'its CPU for a request, delivery included',
      value: `${cpuUs.toFixed(1)} µs`,
      against: `no trail: ${bare.cpuUs.toFixed(1)} µs`,
      ratio: bare.cpuUs / cpuUs,
      goal: '≥ 0.90',
    },
  ])
}
