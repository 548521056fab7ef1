import { type Environment, readVariable, type SettingReader } from './setting-reader.ts'

/** What is sent to others of how the service does. Everything is off unless it is asked for. */
export interface TelemetrySettings {
  /** Sent over OTLP/HTTP; where to and with which headers, the exporters read themselves. */
  readonly traces: boolean
  readonly metrics: boolean
  readonly sampler: Sampler
  readonly metricIntervalMs: number
  /** Where faults are reported to; undefined: nowhere. */
  readonly sentryDsn?: string
}

export interface Sampler {
  /** A caller's `traceparent` decides; the others are for requests without one. */
  readonly followsParent: boolean
  readonly root: 'always_on' | 'always_off' | 'traceidratio'
  /** Of `traceidratio`: 0 to 1. */
  readonly ratio: number
}

export const noTelemetry: TelemetrySettings = {
  traces: false,
  metrics: false,
  sampler: { followsParent: true, root: 'always_on', ratio: 1 },
  metricIntervalMs: 60_000,
}

const roots = ['always_on', 'always_off', 'traceidratio'] as const
const samplerNames = [...roots, ...roots.map((root) => `parentbased_${root}`)]
const signals = ['TRACES', 'METRICS'] as const
const intervalMsMax = 86_400_000

/**
 * The variables that OpenTelemetry and Sentry have made standard; docs/reference/settings.md says
 * which of them are heard.
 */
export function readTelemetryConfig(
  environment: Environment,
  { check }: Pick<SettingReader, 'check'>,
): TelemetrySettings {
  const read = (name: string) => readVariable(environment, name)
  const sentryDsn = read('SENTRY_DSN')
  check('SENTRY_DSN', sentryDsn === undefined || isDsn(sentryDsn), 'https://<key>@<host>/<project>')
  const off = sentryDsn === undefined ? noTelemetry : { ...noTelemetry, sentryDsn }
  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return off
  const [traces, metrics] = signals.map((signal) => {
    const exporter = read(`OTEL_${signal}_EXPORTER`) ?? 'otlp'
    check(`OTEL_${signal}_EXPORTER`, ['otlp', 'none'].includes(exporter), 'otlp or none')
    const names = ['OTEL_EXPORTER_OTLP_ENDPOINT', `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]
    const endpoints = names.filter((name) => read(name) !== undefined)
    for (const name of endpoints) check(name, isHttp(read(name) ?? ''), 'http://… or https://…')
    return exporter !== 'none' && endpoints.length > 0
  })
  if (traces !== true && metrics !== true) return off
  const protocol = read('OTEL_EXPORTER_OTLP_PROTOCOL')
  check('OTEL_EXPORTER_OTLP_PROTOCOL', protocol !== 'grpc', 'http/json; grpc is not spoken')
  const metricIntervalMs = Number(read('OTEL_METRIC_EXPORT_INTERVAL') ?? off.metricIntervalMs)
  const isInterval = metricIntervalMs >= 1 && metricIntervalMs <= intervalMsMax
  check('OTEL_METRIC_EXPORT_INTERVAL', isInterval, `milliseconds, 1 to ${intervalMsMax}`)
  return {
    ...off,
    ...{ traces: traces === true, metrics: metrics === true, metricIntervalMs },
    sampler: readSampler(read, check),
  }
}

function readSampler(
  read: (name: string) => string | undefined,
  check: SettingReader['check'],
): Sampler {
  const name = read('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on'
  check('OTEL_TRACES_SAMPLER', samplerNames.includes(name), `one of ${samplerNames.join(', ')}`)
  const ratio = Number(read('OTEL_TRACES_SAMPLER_ARG') ?? 1)
  check('OTEL_TRACES_SAMPLER_ARG', ratio >= 0 && ratio <= 1, 'a share of the traces, 0 to 1')
  const root = roots.find((one) => name.endsWith(one)) ?? 'always_on'
  return { followsParent: name.startsWith('parentbased_'), root, ratio }
}

const isHttp = (text: string): boolean => /^https?:\/\/[^/]/.test(text) && URL.canParse(text)

const isDsn = (text: string): boolean => {
  const url = URL.parse(text)
  return (
    url !== null && /^https?:$/.test(url.protocol) && url.username !== '' && url.pathname.length > 1
  )
}
