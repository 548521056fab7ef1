import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources'
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Registry } from 'prom-client'
import type { TelemetrySettings } from '../../config/read-telemetry-config.ts'
import { createMetricProducer } from './metric-producer.ts'
import { type OutageReports, watchExporter } from './outage.ts'
import { createTracing, type Tracing } from './tracing.ts'

/** A service that stops sends what it has, and waits no longer than this for a collector. */
const lastExportMsMax = 2_000

export interface Otlp extends AsyncDisposable {
  readonly tracing: Tracing | undefined
}

/**
 * Sends traces and metrics over OTLP/HTTP. Loaded only where the settings ask for it; where to, the
 * exporters read from the standard variables of the process.
 */
export function startOtlp(options: {
  readonly settings: TelemetrySettings
  readonly registry: Registry
  readonly version: string
  readonly clock: () => number
  readonly started: number
  readonly reports: OutageReports
}): Otlp {
  const { settings, registry, version, clock, started, reports } = options
  const resource = describeService(version)
  const running: { shutdown(): Promise<void> }[] = []

  let tracing: Tracing | undefined
  if (settings.traces) {
    const exporter = watchExporter(new OTLPTraceExporter(), reports)
    const provider = new TracerProvider({
      ...{ resource, sampler: createSampler(settings) },
      // At most 2,048 spans wait; what comes while the collector is away is dropped.
      spanProcessors: [new BatchSpanProcessor({ exporter })],
    })
    running.push(provider)
    tracing = createTracing(provider.getTracer('indelible', version))
  }
  if (settings.metrics) {
    const exporter = watchExporter(new OTLPMetricExporter(), reports)
    const reader = new PeriodicExportingMetricReader({
      exporter,
      exportIntervalMillis: settings.metricIntervalMs,
    })
    reader.setMetricProducer(createMetricProducer({ registry, resource, version, clock, started }))
    running.push(reader)
  }
  return {
    tracing,
    async [Symbol.asyncDispose]() {
      const stopped = Promise.allSettled(running.map((each) => each.shutdown()))
      await Promise.race([stopped, delay(lastExportMsMax, undefined, { ref: false })])
    },
  }
}

function describeService(version: string): Resource {
  const own = resourceFromAttributes({
    'service.name': 'indelible',
    'service.version': version,
    'service.instance.id': randomUUID(),
  })
  const detectors = [resourceAttributesEnvDetector, serviceNameEnvDetector]
  return defaultResource().merge(own).merge(detectResources({ detectors }))
}

function createSampler({ sampler }: TelemetrySettings): Sampler {
  const roots = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(sampler.ratio),
  }
  const root = roots[sampler.root]()
  return sampler.followsParent ? new ParentBasedSampler({ root }) : root
}
