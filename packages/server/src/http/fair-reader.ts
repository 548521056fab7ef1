import { limits } from '@indelible/protocol'
import { createFairGate } from '../base/fair-gate.ts'
import { Refusal } from '../base/refusal.ts'
import type { Reader } from './reader.ts'

/** More than threads that read: a database works on several at a time. */
const runningMax = 8

/**
 * A reader whose long work is done in turn of the logs it is about: a search may look at thousands
 * of entries, and whoever may read one log could keep every other waiting by asking often.
 */
export function createFairReader(reader: Reader): Reader {
  const refuse = () => {
    const detail = 'Too many searches of this log are waiting. Ask again when they are answered.'
    return new Refusal('rate-exceeded', { detail, retryAfterS: 1 })
  }
  const enter = createFairGate({ runningMax, waiting: { max: limits.readsWaitingMax, refuse } })
  // Those that span logs wait for each other.
  const inTurn =
    <Call extends { readonly tenants: readonly string[] }, T>(read: (call: Call) => Promise<T>) =>
    (call: Call) =>
      enter(call.tenants.length === 1 ? (call.tenants[0] ?? '*') : '*', () => read(call))
  const long: Partial<Reader> = {
    search: inTurn((call) => reader.search(call)),
    exportPage: inTurn((call) => reader.exportPage(call)),
    histogram: inTurn((call) => reader.histogram(call)),
    values: inTurn((call) => reader.values(call)),
    count: (call) => enter(call.tenant, () => reader.count(call)),
  }
  // Not spread: calls of a thread are made as they are asked for, so a reader has none to list.
  return Object.assign(Object.create(reader) as Reader, long)
}
