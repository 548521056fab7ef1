import { Counter, Histogram, type Registry } from 'prom-client'
import { problemTable } from '../../http/problems.ts'
import type { EndedRequest, RequestMeter } from '../../http/request-meter.ts'
import { createFigures } from './figures.ts'

/** From 1 ms, what an append takes, to 10 s, what nobody waits for. */
const secondsBuckets = [...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05], ...[0.1, 0.2, 0.5, 1, 2, 5, 10]]

/** Requests and problems, counted as they come. */
export function meterRequests(registry: Registry) {
  const registers = [registry]
  const durations = new Histogram({
    name: 'indelible_http_request_duration_seconds',
    help: 'Requests by route and status, to the last byte of the answer; 499: the client had gone.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: secondsBuckets,
    registers,
  })
  durations.zero({ method: 'POST', route: '/v1/events', status: '201' })
  const problems = new Counter({
    name: 'indelible_problems_total',
    help: 'Requests that were refused or failed, by the code of their problem.',
    labelNames: ['code'] as const,
    registers,
  })
  for (const code of Object.keys(problemTable)) problems.inc({ code }, 0)

  const underWay = new Map<string, number>()
  const countOn = (route: string): number => underWay.get(route) ?? 0
  const { gauge } = createFigures(registry)
  gauge(
    'http_requests_in_flight',
    'Requests not answered to the end yet, streams among them.',
    () => underWay.values().reduce((sum, count) => sum + count, 0),
  )
  gauge('stream_followers', 'Live streams that are open.', () => countOn('/v1/stream'))
  gauge('exports_running', 'Exports that are under way.', () => countOn('/v1/export'))

  /** One series for each method, route and status; looking labels up anew costs 2 µs a request. */
  const series = new Map<string, ReturnType<typeof durations.labels>>()
  const seriesOf = ({ method, route, status }: EndedRequest) => {
    const key = `${method} ${route} ${status}`
    const known = series.get(key)
    if (known !== undefined) return known
    const made = durations.labels(method, route, String(status))
    series.set(key, made)
    return made
  }
  return {
    began: (route) => void underWay.set(route, countOn(route) + 1),
    ended(request) {
      underWay.set(request.route, countOn(request.route) - 1)
      seriesOf(request).observe(request.seconds)
    },
    problem: (code) => problems.inc({ code }),
  } satisfies RequestMeter
}
