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

/** One record; without `id` where the platform gave none. */
export function readRecord(form: RecordForm, record: JsonObject, nowMs: number): Draft | undefined {
  const event = form.map(record)
  if (event === undefined) return undefined
  const id = form.idOf(record)
  return {
    ...(typeof id === 'string' && id !== '' ? { id: toEventId(id) } : {}),
    ...event,
    context: { ...event.context, ...markBackfilled(event.time, nowMs) },
  }
}

/**
 * The records of one request.
 * @param isStrict whether they were read as strictly as ours have to be
 * @throws Refusal `event-invalid` for what is no such record
 */
export function translateRecords(
  form: RecordForm,
  records: readonly unknown[],
  options: { isStrict: boolean; nowMs: number; pointerOf: (n: number) => string },
): Translation {
  const { isStrict, nowMs, pointerOf } = options
  const faults = createFaultList()
  const events = records.map((sent, n) => {
    const isFit = isStrict && isWellStructured({ data: sent })
    const record = isFit ? sent : fitRecord(sent, 2)
    const event = isObject(record) ? readRecord(form, record, nowMs) : undefined
    if (event === undefined) faults.add(pointerOf(n), form.otherwise)
    return event?.id === undefined ? { ...event, id: digestEventId([toText(sent)]) } : event
  })
  faults.assertEmpty()
  return { events, pointerOf, tableOf: () => form.table }
}

const toText = (value: unknown): string => JSON.stringify(value) ?? ''
