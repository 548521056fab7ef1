import { createFaultList } from '../../base/fault-list.ts'
import { isObject, type JsonObject } from '../../base/json-object.ts'
import { isWellStructured } from '../structure.ts'
import { markBackfilled } from './backfilled.ts'
import { digestEventId, toEventId } from './event-id.ts'
import { fitRecord } from './tolerant-json.ts'
import type { Draft, PointerTable, Translation } from './translation.ts'

/** How a platform's audit records become events, whether they are sent or imported from files. */
export interface RecordForm {
  /** Kept as `context.dialect`. */
  readonly name: string
  /** @returns undefined for what is no such record */
  readonly map: (record: JsonObject) => Draft | undefined
  /** What is wrong with that, as a sentence. */
  readonly otherwise: string
  /** What the platform names a record by. */
  readonly idOf: (record: JsonObject) => unknown
  readonly table: PointerTable
}

/**
 * One record, the same however it comes. Its id is what the platform names it by, else the digest of
 * all that it says: sent and imported, it is there once.
 * @param isStrict whether it was read as strictly as ours have to be
 * @returns undefined for what is no such record
 */
export function readRecord(
  form: RecordForm,
  sent: unknown,
  { isStrict, nowMs }: { isStrict: boolean; nowMs: number },
): Draft | undefined {
  const isFit = isStrict && isWellStructured({ data: sent })
  const record = isFit ? sent : fitRecord(sent, 2)
  const event = isObject(record) ? form.map(record) : undefined
  if (event === undefined || !isObject(record)) return undefined
  const named = form.idOf(record)
  const isNamed = typeof named === 'string' && named !== ''
  return {
    id: isNamed ? toEventId(named) : digestEventId([JSON.stringify(sent)]),
    ...event,
    context: { ...event.context, ...markBackfilled(event.time, nowMs) },
  }
}

/**
 * The records of one request.
 * @throws Refusal `event-invalid` for what is no such record
 */
export function translateRecords(
  form: RecordForm,
  records: readonly unknown[],
  options: { isStrict: boolean; nowMs: number; pointerOf: (n: number) => string },
): Translation {
  const { pointerOf } = options
  const faults = createFaultList()
  const events = records.map((sent, n) => {
    const event = readRecord(form, sent, options)
    if (event === undefined) faults.add(pointerOf(n), form.otherwise)
    return event ?? {}
  })
  faults.assertEmpty()
  return { events, pointerOf, tableOf: () => form.table }
}
