import type { Head } from '@indelible/protocol'
import type { JournalRecord } from './journal.ts'

/** Heads that an answer of the service acknowledged; none, where it answered something else. */
export function readAcknowledged(record: JournalRecord): Head[] {
  if (record.kind !== 'answer') return []
  const [, body = ''] = record.text.split('\r\n\r\n', 2)
  if (!body.startsWith('{"id":') && !body.startsWith('{"entries":[{"id":')) return []
  const answer = JSON.parse(body) as Head | { entries: Head[] } // of POST /v1/events
  return 'entries' in answer ? answer.entries : [answer]
}

/** `<request>:<n>of<count>` → the request and how many events it has. */
export function parseBatch(id: string): { readonly request: string; readonly count: number } {
  const match = /^(.+):\d+of(\d+)$/.exec(id)
  return { request: match?.[1] ?? id, count: Number(match?.[2] ?? 1) }
}
