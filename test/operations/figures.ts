import type { TestServer } from '@indelible/testkit'

/** A metric as Prometheus scrapes it: the sum of its series with those labels. */
export async function readMetric(
  { ask }: Pick<TestServer, 'ask'>,
  name: string,
  labels = '',
): Promise<number> {
  const { text } = await ask('/metrics')
  const values = text.split('\n').flatMap((line) => {
    const [series = '', value = ''] = line.split(/ (?=[^ ]+$)/)
    const [found, rest = ''] = series.split('{')
    return found === name && rest.includes(labels) ? [Number(value)] : []
  })
  if (values.length === 0) throw new Error(`/metrics has no ${name}{${labels}}.`)
  return values.reduce((sum, value) => sum + value)
}
