import type { Entry, Head } from '@indelible/protocol'
import type { TestServer } from '@indelible/testkit'
import { assertTaken } from './assert-taken.ts'
import { nameOf } from './clients.ts'

const faultsMax = 20

/**
 * Every log holds what was acknowledged, where it was acknowledged, and nothing else.
 * @returns what does not hold, a sentence each
 */
export async function compareWithAcknowledged(
  server: Pick<TestServer, 'ask'>,
  acknowledged: ReadonlyMap<string, Head>,
): Promise<string[]> {
  const faults: string[] = []
  const byTenant = Map.groupBy(acknowledged.values(), ({ tenant }) => tenant)
  for (const [tenant, heads] of byTenant) {
    const missing = new Map(heads.map((head) => [head.id, head]))
    const entries = await exportLog(server, tenant)
    for (const [n, { event, index, hash, received }] of entries.entries()) {
      const name = nameOf(event)
      const head = missing.get(event.id)
      missing.delete(event.id)
      if (index !== n) faults.push(`${name}: stands at ${index}, as entry ${n} of its log`)
      if (head === undefined) faults.push(`${name}: is kept and was never acknowledged, or twice`)
      else if (head.index !== index) {
        faults.push(`${name}: acknowledged at ${head.index}, moved to ${index}`)
      } else if (head.hash !== hash || head.received !== received) {
        faults.push(`${name}: altered since it was acknowledged`)
      }
    }
    for (const head of missing.values()) faults.push(`${nameOf(head)}: acknowledged and lost`)
  }
  return faults.slice(0, faultsMax)
}

export const countLost = (faults: readonly string[]): number =>
  faults.filter((fault) => fault.endsWith('and lost')).length

/** @returns every entry of a log, in its order */
export async function exportLog(
  { ask }: Pick<TestServer, 'ask'>,
  tenant: string,
): Promise<Entry[]> {
  const { text } = await assertTaken(ask(`/v1/export?order=asc&tenant=${tenant}`))
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as Entry) // what the service exports
}
