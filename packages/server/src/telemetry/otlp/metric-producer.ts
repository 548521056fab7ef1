import type { HrTime } from '@opentelemetry/api'
import { ValueType } from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics'
import type { MetricObjectWithValues, MetricValueWithName, Registry } from 'prom-client'

interface Span {
  readonly startTime: HrTime
  readonly endTime: HrTime
}

type Read = MetricObjectWithValues<MetricValueWithName<string>>

/** The figures of /metrics, under their names there, as OpenTelemetry's SDK hands them on. */
export function createMetricProducer(options: {
  readonly registry: Registry
  readonly resource: Resource
  readonly version: string
  /** Unix milliseconds: now, and when the counters began. */
  readonly clock: () => number
  readonly started: number
}): MetricProducer {
  const { registry, resource, version, clock, started } = options
  const scope = { name: 'indelible', version }
  return {
    async collect(): Promise<CollectionResult> {
      // Its type knows no values, which are what it is for.
      const read = (await registry.getMetricsAsJSON()) as unknown as Read[]
      const span = { startTime: millisToHrTime(started), endTime: millisToHrTime(clock()) }
      const metrics = read.map((metric) => toMetricData(metric, span))
      const scopeMetrics = [
        { scope, metrics: metrics.filter(({ dataPoints }) => dataPoints.length > 0) },
      ]
      return { resourceMetrics: { resource, scopeMetrics }, errors: [] }
    },
  }
}

function toMetricData({ name, help, type, values }: Read, span: Span): MetricData {
  const common = {
    descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  }
  // prom-client names types by number or by word, whichever the release.
  const kind = String(type)
  if (kind === 'histogram') {
    const dataPoints = toHistograms(values, span)
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints }
  }
  const dataPoints = values
    .filter(({ value }) => !Number.isNaN(value))
    .map(({ labels, value }) => ({ ...span, attributes: toAttributes(labels), value }))
  return kind === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints }
}

/** Prometheus' buckets each count what is below them, too; OpenTelemetry's count what is in them. */
function toHistograms(values: Read['values'], span: Span): DataPoint<Histogram>[] {
  const series = Map.groupBy(values, ({ labels }) => JSON.stringify(toAttributes(labels)))
  return series
    .values()
    .map((samples) => {
      const find = (suffix: string) =>
        samples.filter(({ metricName }) => metricName?.endsWith(suffix) === true)
      const buckets = find('_bucket')
      const counts = buckets.map(({ value }, n) => value - (buckets[n - 1]?.value ?? 0))
      const boundaries = buckets.map(({ labels }) => Number(labels.le)).filter(Number.isFinite)
      return {
        ...span,
        attributes: toAttributes(samples[0]?.labels ?? {}),
        value: {
          buckets: { boundaries, counts },
          sum: find('_sum')[0]?.value ?? 0,
          count: find('_count')[0]?.value ?? 0,
        },
      }
    })
    .toArray()
}

function toAttributes({
  le: _,
  ...labels
}: Read['values'][number]['labels']): Record<string, string> {
  const entries = Object.entries(labels).map(([name, value]) => [name, String(value)])
  return Object.fromEntries(entries)
}
