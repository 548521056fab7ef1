import type { Entry } from '@indelible/protocol'
import type { Random, TestServer } from '@indelible/testkit'
import { type createClients, nameOf, type TestEvent } from './clients.ts'
import { exportLog } from './compare.ts'
import { isCut } from './cut.ts'

type Reader = Pick<TestServer, 'ask'>

/**
 * Reads in every way what was acknowledged: what is answered is right and whole, whatever goes on.
 * A reader that may be refused has its connection cut (`createCut`), which ends it.
 * @returns what does not hold, a sentence each
 */
export async function readBack(
  reader: Reader,
  clients: Pick<ReturnType<typeof createClients>, 'kept' | 'acknowledged'>,
  random: Random,
): Promise<string[]> {
  const known = [...clients.kept]
  const one = known[random.whole(known.length)]
  if (one === undefined) return []
  const { tenant, id, actor } = one
  const head = clients.acknowledged.get(nameOf(one))
  const isOfActor = (event: TestEvent) => event.tenant === tenant && event.actor.id === actor.id
  const ways: (() => Promise<string[]>)[] = [
    async () => {
      const { status, json } = await reader.ask(`/v1/events/${id}?tenant=${tenant}`)
      const isRight = status === 200 && json.hash === head?.hash && json.index === head?.index
      return isRight ? [] : [`${nameOf(one)}: answered ${status} and index ${json?.index}`]
    },
    async () => {
      const path = `/v1/events?tenant=${tenant}&actor.id=${actor.id}&limit=1000`
      const { status, json } = await reader.ask(path)
      if (status !== 200) return [`${path}: answered ${status}`]
      return findMissing(known.filter(isOfActor), json.entries, 'the search')
    },
    async () => {
      const entries = await exportLog(reader, tenant)
      return findMissing(
        known.filter((event) => event.tenant === tenant),
        entries,
        'the export',
      )
    },
  ]
  const answers = await Promise.all(ways.map((way) => way().catch(forgiveCut)))
  return answers.flat()
}

function findMissing(expected: readonly TestEvent[], entries: readonly Entry[], where: string) {
  const found = new Set(entries.map(({ event }) => event.id))
  const missing = expected.filter(({ id }) => !found.has(id))
  return missing.map((event) => `${nameOf(event)}: acknowledged and not in ${where}`)
}

function forgiveCut(error: unknown): string[] {
  if (isCut(error)) return []
  throw error
}
