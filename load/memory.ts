/** Resident memory of the service, as its own /metrics tell it. */
export interface Memory extends Disposable {
  readonly samples: readonly MemorySample[]
  take(): Promise<void>
}

export interface MemorySample {
  /** Since the beginning of the run. */
  readonly atMs: number
  readonly bytes: number
}

/** How resident memory went after the warm-up. */
export interface MemoryTrend {
  readonly samples: number
  readonly minMb: number
  readonly maxMb: number
  /** Of the line fitted through the samples. */
  readonly growthMbPerHour: number
  /** What that line grew by while it was looked at, as a share of its beginning. */
  readonly growthShare: number
}

const sampleMs = 5_000
/** What a service takes up first (code, caches, heaps) is no leak. */
const warmUpShare = 0.25

const metric = /^indelible_process_resident_memory_bytes (\S+)$/m

/** A service that shows none has no samples: that is for the report to say. */
export function watchMemory(options: {
  readonly url: string
  readonly metricsKey: string | undefined
  readonly now: () => number
}): Memory {
  const { url, metricsKey, now } = options
  const samples: MemorySample[] = []
  const begin = now()
  const headers = metricsKey === undefined ? {} : { authorization: `Bearer ${metricsKey}` }
  const take = async (): Promise<void> => {
    const response = await fetch(`${url}/metrics`, { headers })
    const bytes = Number(metric.exec(await response.text())?.[1] ?? Number.NaN)
    if (bytes > 0) samples.push({ atMs: now() - begin, bytes })
  }
  // What can't be had while the service is away is had five seconds later.
  const timer = setInterval(() => void take().catch(() => undefined), sampleMs)
  return { samples, take, [Symbol.dispose]: () => clearInterval(timer) }
}

/** A least-squares line through what follows the warm-up; undefined where that is too little. */
export function fitTrend(all: readonly MemorySample[]): MemoryTrend | undefined {
  const lastMs = all.at(-1)?.atMs ?? 0
  const samples = all.filter(({ atMs }) => atMs >= lastMs * warmUpShare)
  const [first] = samples
  if (first === undefined || samples.length < 3) return undefined
  const mean = (of: (sample: MemorySample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [meanMs, meanMb] = [mean(({ atMs }) => atMs), mean(({ bytes }) => toMb(bytes))]
  const covariance = mean(({ atMs, bytes }) => (atMs - meanMs) * (toMb(bytes) - meanMb))
  const slope = covariance / mean(({ atMs }) => (atMs - meanMs) ** 2)
  const startMb = meanMb + slope * (first.atMs - meanMs)
  const mbs = samples.map(({ bytes }) => toMb(bytes))
  return {
    samples: samples.length,
    minMb: Math.min(...mbs),
    maxMb: Math.max(...mbs),
    growthMbPerHour: slope * 3_600_000,
    growthShare: (slope * (lastMs - first.atMs)) / startMb,
  }
}

const toMb = (bytes: number): number => bytes / 1_048_576
