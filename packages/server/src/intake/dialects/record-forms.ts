import type { JsonObject } from '../../base/json-object.ts'
import { cloudTrail } from './cloudtrail.ts'
import { gitHub } from './github.ts'
import { type RecordForm, readRecord } from './records.ts'
import type { Draft } from './translation.ts'

const bind = (form: RecordForm) => ({
  name: form.name,
  otherwise: form.otherwise,
  read: (record: JsonObject, nowMs: number): Draft | undefined => readRecord(form, record, nowMs),
})

/** Whose records can be read from files. */
export const recordForms = { cloudtrail: bind(cloudTrail), github: bind(gitHub) }
export type RecordFormName = keyof typeof recordForms
