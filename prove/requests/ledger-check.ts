import type { Entry, Head } from '@indelible/protocol'
import type { TestServer } from '@indelible/testkit'
import { exportLog } from '../clients/compare.ts'
import type { WireAnswer } from '../clients/wire-answers.ts'
import { markPattern } from './from-dialects.ts'
import type { Sent } from './judge.ts'
import type { World } from './world.ts'

/** Hashes that answers told, by tenant and index. */
type Acknowledged = Map<string, string>

const nameOf = ({ tenant, index }: Pick<Head, 'tenant' | 'index'>): string => `${tenant}/${index}`

/**
 * Remembers what was acknowledged, and holds the logs against it: nothing is kept that was refused,
 * and everything that was not.
 */
export function createLedgerCheck() {
  let heads: Acknowledged = new Map()
  let refused = new Set<number>()
  /** Events of requests that were not. */
  let unanswered = 0
  let checked = 0

  return {
    /** Entries that were held against an answer. */
    get checked() {
      return checked
    },
    note({ shape, draft }: Sent, n: number, answers: readonly WireAnswer[]): void {
      const taken = answers.filter(({ status }) => status < 300)
      if (answers.length === 0) unanswered += Array.isArray(draft.json) ? draft.json.length : 1
      else if (taken.length === 0) refused.add(n)
      if (shape.answersHeads !== true) return
      for (const { body } of taken) {
        for (const head of readHeads(body)) heads.set(nameOf(head), head.hash)
      }
    },
    /** Reads the logs of the world, then forgets it. @returns what does not hold */
    async compare(server: Pick<TestServer, 'ask'>, world: World): Promise<string[]> {
      // Another credential or a changed tenant leads to another log.
      const own = new Map([...heads].filter(([name]) => name.startsWith(`${world.heads}/`)))
      const faults = [
        ...compareHeads(await exportLog(server, world.heads), own, unanswered),
        ...compareMarks(await exportLog(server, world.marks), refused),
      ]
      checked += own.size
      heads = new Map()
      refused = new Set()
      unanswered = 0
      return faults
    },
  }
}

function compareHeads(
  entries: readonly Entry[],
  heads: Acknowledged,
  unanswered: number,
): readonly string[] {
  const faults: string[] = []
  let unknown = 0
  for (const entry of entries) {
    const { hash, event } = entry
    const acknowledged = heads.get(nameOf(entry))
    if (acknowledged === undefined) unknown++
    else if (acknowledged !== hash) faults.push(`${event.id}: kept as another than acknowledged`)
  }
  if (heads.size > entries.length - unknown) faults.push('An acknowledged event is not kept.')
  // A request whose connection broke may have been kept before.
  if (unknown > unanswered) {
    faults.push(
      `${unknown} events are kept that nobody was told of; ${unanswered} were in requests without an answer.`,
    )
  }
  return faults
}

/** A mark of a refused request that no other carries. */
const compareMarks = (entries: readonly Entry[], refused: ReadonlySet<number>): readonly string[] =>
  entries.flatMap((entry) => {
    const marks = [...JSON.stringify(entry.event).matchAll(markPattern)].map(([, n]) => Number(n))
    const [only] = marks
    return only !== undefined && marks.every((n) => refused.has(n))
      ? [`Request ${only} was refused, and its event ${entry.event.id} kept.`]
      : []
  })

/** Of an append; the same address searches, too. */
function readHeads(body: Buffer): readonly Head[] {
  if (body.length === 0) return []
  const answer = JSON.parse(body.toString()) as Head | { entries: Head[] } // of POST /v1/events
  const heads = 'entries' in answer ? answer.entries : [answer]
  return heads.filter((head) => !('event' in head))
}
