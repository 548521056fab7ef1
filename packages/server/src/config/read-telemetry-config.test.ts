import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './read-config.ts'

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

test('nothing is sent anywhere unless it is asked for', () => {
  const off = { traces: false, metrics: false }
  const dsn = 'https://key@errors.example.com/42'
  expect(readConfig({}).telemetry).toMatchObject(off)
  expect(readConfig({ ...endpoint, OTEL_SDK_DISABLED: 'true' }).telemetry).toMatchObject(off)
  expect(readConfig({ OTEL_SERVICE_NAME: 'audit' }).telemetry).toMatchObject(off)
  expect(readConfig({ SENTRY_DSN: dsn }).telemetry).toMatchObject({ ...off, sentryDsn: dsn })
})

test('an endpoint turns on what it is for, and an exporter of none turns it off', () => {
  expect(readConfig(endpoint).telemetry).toMatchObject({ traces: true, metrics: true })
  const { telemetry } = readConfig({ ...endpoint, OTEL_METRICS_EXPORTER: 'none' })
  expect(telemetry).toMatchObject({ traces: true, metrics: false })
  const own = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://metrics.example.com/otlp' }
  expect(readConfig(own).telemetry).toMatchObject({ traces: false, metrics: true })
})

test('samplers are those of the specification', () => {
  const sampler = (name: string) =>
    readConfig({ ...endpoint, OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: '0.25' })
      .telemetry.sampler
  expect(sampler('')).toMatchObject({ followsParent: true, root: 'always_on' })
  expect(sampler('always_off')).toMatchObject({ followsParent: false, root: 'always_off' })
  expect(sampler('parentbased_traceidratio')).toEqual({
    ...{ followsParent: true, root: 'traceidratio', ratio: 0.25 },
  })
})

test('faults of these settings are named with all others, and no secret in them is said', () => {
  const faulty = {
    SENTRY_DSN: 'https://secret-host',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318/secret',
    OTEL_TRACES_EXPORTER: 'zipkin',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_TRACES_SAMPLER_ARG: '2',
    OTEL_METRIC_EXPORT_INTERVAL: 'soon',
  }
  const find = () => {
    try {
      return readConfig({ ...faulty, INDELIBLE_PORT: 'x' })
    } catch (error) {
      return error
    }
  }
  const error = find()
  if (!(error instanceof ConfigError)) throw new Error('The settings were taken.')
  const named = error.faults.map((fault) => fault.split(':')[0])
  expect(named.toSorted()).toEqual([...Object.keys(faulty), 'INDELIBLE_PORT'].toSorted())
  expect(error.message).not.toContain('secret')
})

test('every one of these variables is in the reference', () => {
  const heard = new Set<string>()
  const environment = new Proxy<Record<string, string>>(endpoint, {
    get(target, name) {
      if (/^(OTEL|SENTRY)_/.test(String(name))) heard.add(String(name))
      return target[String(name)]
    },
  })
  readConfig(environment)
  expect(heard.size).toBe(11)
  const path = '../../../../docs/reference/settings.md'
  const reference = readFileSync(new URL(path, import.meta.url), 'utf8')
  for (const name of heard) expect(reference).toContain(`\`${name}\``)
})
