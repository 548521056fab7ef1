import type { TestServer } from '@indelible/testkit'

export interface Metric {
  readonly name: string
  readonly type: string
  /** Names of its labels, but for a histogram's `le`. */
  readonly labels: readonly string[]
  readonly samples: readonly Sample[]
}

export interface Sample {
  /** With `_bucket`, `_sum` or `_count`. */
  readonly name: string
  /** As written: `code="pushback"`. */
  readonly labels: string
  readonly value: number
}

/** What a service tells at /metrics. */
export async function readMetrics(server: Pick<TestServer, 'ask'>): Promise<Metric[]> {
  const { text } = await server.ask('/metrics')
  return text.split(/^# HELP .*\n/m).flatMap((block) => {
    const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)/.exec(block) ?? []
    if (name === '') return []
    const samples = Array.from(
      block.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm),
      ([, sample = '', labels = '', value]) => ({ name: sample, labels, value: Number(value) }),
    )
    const names = samples.flatMap(({ labels }) => labels.match(/\w+(?==")/g) ?? [])
    const labels = [...new Set(names)].filter((label) => label !== 'le')
    return [{ name, type, labels, samples }]
  })
}

/**
 * The sum of the samples of a name, of those with a label where one is given.
 * @throws Error where there is none: a figure that is gone must not pass for 0
 */
export async function readMetric(
  server: Pick<TestServer, 'ask'>,
  name: string,
  label = '',
): Promise<number> {
  const samples = (await readMetrics(server)).flatMap((metric) => metric.samples)
  const found = samples.filter((sample) => sample.name === name && sample.labels.includes(label))
  if (found.length === 0) throw new Error(`/metrics has no ${name}{${label}}.`)
  return found.reduce((sum, { value }) => sum + value, 0)
}
