import type { Posted } from '@indelible/testkit'

/** A span as OTLP's JSON has it. */
export interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly OtlpAttribute[]
}

interface OtlpAttribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

interface Resource {
  readonly resource: { readonly attributes: readonly OtlpAttribute[] }
}

interface TraceRequest {
  readonly resourceSpans: readonly (Resource & {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  })[]
}

/** A metric as OTLP's JSON has it. */
export interface OtlpMetric {
  readonly name: string
  readonly gauge?: { readonly dataPoints: readonly OtlpPoint[] }
  readonly sum?: { readonly isMonotonic: boolean; readonly dataPoints: readonly OtlpPoint[] }
  readonly histogram?: { readonly dataPoints: readonly OtlpPoint[] }
}

export interface OtlpPoint {
  readonly attributes: readonly OtlpAttribute[]
  readonly asDouble?: number
  readonly count?: number
  readonly sum?: number
  readonly bucketCounts?: readonly number[]
  readonly explicitBounds?: readonly number[]
}

interface MetricRequest {
  readonly resourceMetrics: readonly (Resource & {
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[]
  })[]
}

const requestsOf = <T>(taken: readonly Posted[], wanted: string): T[] =>
  taken.filter(({ path }) => path === wanted).map(({ body }) => JSON.parse(body))

/** All spans that a collector has. */
export const readSpans = (taken: readonly Posted[]): OtlpSpan[] =>
  requestsOf<TraceRequest>(taken, '/v1/traces').flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  )

/** The metrics of the last export; empty before the first. */
export const readLastMetrics = (taken: readonly Posted[]): OtlpMetric[] =>
  requestsOf<MetricRequest>(taken, '/v1/metrics')
    .slice(-1)
    .flatMap(({ resourceMetrics }) =>
      resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)),
    )

/** Attributes as one object. */
export const readAttributes = (
  attributes: readonly OtlpAttribute[],
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
