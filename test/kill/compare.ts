import type { Entry, Head } from '@indelible/protocol'
import type { TestServer } from '@indelible/testkit'
import { expect } from 'vitest'
import { nameOf } from './clients.ts'

/** Every log holds what was acknowledged, where it was acknowledged, and nothing else. */
export async function compareWithAcknowledged(
  server: Pick<TestServer, 'ask'>,
  acknowledged: ReadonlyMap<string, Head>,
): Promise<void> {
  const heads = [...acknowledged.values()]
  for (const tenant of new Set(heads.map((head) => head.tenant))) {
    const entries = await exportLog(server, tenant)
    expect(entries.map(({ index }) => index)).toEqual(entries.map((_, index) => index))
    const kept = entries.map(({ event, index, hash, received }) => {
      return [nameOf(event), { index, hash, received }] as const
    })
    const expected = heads
      .filter((head) => head.tenant === tenant)
      .sort((left, right) => left.index - right.index)
      .map((head) => {
        const { index, hash, received } = head
        return [nameOf(head), { index, hash, received }]
      })
    expect(kept).toEqual(expected)
  }
}

async function exportLog({ ask }: Pick<TestServer, 'ask'>, tenant: string): Promise<Entry[]> {
  const { status, text } = await ask(`/v1/export?format=ndjson&order=asc&tenant=${tenant}`)
  expect(status).toBe(200)
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as Entry) // what the service exports
}
