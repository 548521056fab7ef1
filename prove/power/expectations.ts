import type { Head } from '@indelible/protocol'
import { nameOf } from '../clients/clients.ts'
import type { JournalRecord } from '../journal/journal.ts'

/** What a folder must hold if the power is cut now. */
export interface Expected {
  /** A log must be there at all; without it, what is there must be whole. */
  readonly mustExist: boolean
  /** It is one by its manifest, which is written last; until then it holds nothing. */
  readonly isBackup: boolean
  /** It came from a backup, which no guard has followed: only the next checkpoint is guarded. */
  readonly isRestored: boolean
  readonly kept: ReadonlyMap<string, Head>
  /** Keys that a log was given, by tenant. */
  readonly keys: ReadonlyMap<string, readonly string[]>
  /** Sizes of the checkpoints that somebody was shown, by tenant. */
  readonly shown: ReadonlyMap<string, number>
}

/** What a recording says between the calls, as `mark <JSON>`: of one folder, what holds from now on. */
export interface Mark {
  readonly folder: string
  /** Answers of a service are about this folder. */
  readonly isServed?: true
  readonly mustExist?: true
  readonly isBackup?: true
  readonly isRestored?: true
  /** Instead of what was to be kept before. */
  readonly kept?: readonly Head[]
  readonly shown?: { readonly tenant: string; readonly size: number }
}

type Mutable = {
  mustExist: boolean
  isBackup: boolean
  isRestored: boolean
  kept: Map<string, Head>
  keys: Map<string, string[]>
  shown: Map<string, number>
}

/** Follows a journal: what was promised so far, folder by folder. */
export function createExpectations() {
  const folders = new Map<string, Mutable>()
  let served = ''
  const of = (folder: string): Mutable => {
    const known = folders.get(folder)
    if (known !== undefined) return known
    const made: Mutable = {
      ...{ mustExist: false, isBackup: false, isRestored: false },
      ...{ kept: new Map(), keys: new Map(), shown: new Map() },
    }
    folders.set(folder, made)
    return made
  }
  const readMark = (mark: Mark): string => {
    const { folder, isServed, kept, shown } = mark
    const expected = of(folder)
    if (isServed === true) served = folder
    expected.mustExist ||= mark.mustExist === true
    expected.isBackup ||= mark.isBackup === true
    expected.isRestored ||= mark.isRestored === true
    if (kept !== undefined) expected.kept = new Map(kept.map((head) => [nameOf(head), head]))
    if (shown !== undefined) expected.shown.set(shown.tenant, shown.size)
    return folder
  }
  return {
    of: (folder: string): Expected => of(folder),
    /** Of which folder the services' answers are now. */
    served: (): string => served,
    countKept: (): number => [...folders.values()].reduce((sum, { kept }) => sum + kept.size, 0),
    /** @returns the folder of which more is expected now; undefined where there is none */
    read(record: JournalRecord): string | undefined {
      if (record.kind !== 'answer') return undefined
      if (record.text.startsWith('mark ')) return readMark(JSON.parse(record.text.slice(5)))
      const expected = of(served)
      const [, body = ''] = record.text.split('\r\n\r\n', 2)
      const heads = readHeads(body)
      for (const head of heads) expected.kept.set(nameOf(head), head)
      const key = readKey(body)
      if (key !== undefined) {
        expected.keys.set(key.tenant, [...(expected.keys.get(key.tenant) ?? []), key.vkey])
      }
      if (heads.length === 0 && key === undefined) return undefined
      expected.mustExist = true
      return served
    },
  }
}

/** Heads that an answer of the service acknowledged; none, where it answered something else. */
function readHeads(body: string): readonly Head[] {
  if (!body.startsWith('{"id":') && !body.startsWith('{"entries":[{"id":')) return []
  const answer = JSON.parse(body) as Head | { entries: Head[] } // of POST /v1/events
  return 'entries' in answer ? answer.entries : [answer]
}

/** The key that an answer gave to a log. */
function readKey(body: string): { readonly tenant: string; readonly vkey: string } | undefined {
  return body.startsWith('{"tenant":') && body.includes('"formerKeys":[{')
    ? JSON.parse(body)
    : undefined
}

/** `<request>:<n>of<count>` → the request and how many events it has. */
export function parseBatch(id: string): { readonly request: string; readonly count: number } {
  const match = /^(.+):\d+of(\d+)$/.exec(id)
  return { request: match?.[1] ?? id, count: Number(match?.[2] ?? 1) }
}
