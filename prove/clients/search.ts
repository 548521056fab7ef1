import type { Random, TestServer } from '@indelible/testkit'
import { assertTaken } from './assert-taken.ts'
import type { createClients } from './clients.ts'

const actorsAsked = 3
const pageEntries = 1_000

/**
 * Searches by actor, which the index answers, have every acknowledged event of some actors, and
 * nothing else.
 * @returns what does not hold, a sentence each
 */
export async function findUnfound(
  { ask }: Pick<TestServer, 'ask'>,
  { kept }: Pick<ReturnType<typeof createClients>, 'kept'>,
  random: Random,
): Promise<string[]> {
  const faults: string[] = []
  for (let n = 0; n < actorsAsked; n++) {
    const one = kept[random.whole(kept.length)]
    if (one === undefined) continue
    const { tenant, actor } = one
    const path = `/v1/events?tenant=${tenant}&actor.id=${actor.id}&limit=${pageEntries}`
    const { json } = await assertTaken(ask(path))
    const found = new Set<string>(
      json.entries.map(({ event }: { event: { id: string } }) => event.id),
    )
    const expected = kept.filter((event) => event.tenant === tenant && event.actor.id === actor.id)
    for (const { id } of expected.slice(-pageEntries)) {
      if (!found.delete(id)) faults.push(`${tenant}/${id}: acknowledged and not found by its actor`)
    }
    for (const id of found) faults.push(`${tenant}/${id}: found, and of another actor`)
  }
  return faults
}
