import type { TestServer } from '@indelible/testkit'
import { expect } from 'vitest'

type Service = Pick<TestServer, 'ask'>

/**
 * Waits until every message that the broker confirmed is in the log, and asserts that none is there
 * twice.
 * @returns their numbers
 */
export async function expectKeptOnce(
  service: Service,
  confirmed: ReadonlySet<number>,
): Promise<Set<number>> {
  await expect
    .poll(async () => new Set(await readNumbers(service)).isSupersetOf(confirmed), {
      ...{ timeout: 120_000, interval: 500 },
    })
    .toBe(true)
  const numbers = await readNumbers(service)
  const kept = new Set(numbers)
  expect(numbers.length, 'doubled').toBe(kept.size)
  return kept
}

/** `data.n` of each entry; none while there is no answer. */
async function readNumbers({ ask }: Service): Promise<number[]> {
  const { status, text } = await ask('/v1/export?format=ndjson&order=asc')
  if (status !== 200) return []
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line).event.data.n)
}
