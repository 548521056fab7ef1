import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

/** Milliseconds, three digits sharp. */
export interface Percentiles {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export interface Window extends Percentiles {
  /** Since the beginning of the run. */
  readonly fromMs: number
}

export interface Latencies {
  /** @param dueMs since the beginning: says which window it belongs to */
  record(latencyMs: number, dueMs: number): void
  total(): Percentiles
  /** In order; a window without a request is not there. */
  windows(): readonly Window[]
}

const microsecondsMax = 24 * 3_600 * 1_000_000

/** Node's own HDR histogram: of fixed size however long the run, three significant digits. */
const create = (): RecordableHistogram =>
  createHistogram({ lowest: 1, highest: microsecondsMax, figures: 3 })

export function createLatencies(options: { readonly windowMs: number }): Latencies {
  const { windowMs } = options
  const all = create()
  const windows = new Map<number, RecordableHistogram>()
  return {
    record(latencyMs, dueMs) {
      const microseconds = Math.min(microsecondsMax, Math.max(1, Math.round(latencyMs * 1_000)))
      const at = Math.floor(dueMs / windowMs)
      let window = windows.get(at)
      if (window === undefined) {
        window = create()
        windows.set(at, window)
      }
      window.record(microseconds)
      all.record(microseconds)
    },
    total: () => summarise(all),
    windows: () =>
      [...windows]
        .sort(([one], [other]) => one - other)
        .map(([at, window]) => ({ fromMs: at * windowMs, ...summarise(window) })),
  }
}

function summarise(histogram: RecordableHistogram): Percentiles {
  const at = (percent: number): number => histogram.percentile(percent) / 1_000
  const { count } = histogram
  if (count === 0) return { count, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }
  return { count, p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: at(100) }
}
