import { cloudTrail } from './cloudtrail.ts'
import { gitHub } from './github.ts'
import { type RecordForm, readRecord } from './records.ts'
import { parseTolerantJson } from './tolerant-json.ts'
import type { Draft } from './translation.ts'

const bind = (form: RecordForm) => ({
  name: form.name,
  otherwise: form.otherwise,
  /** @throws Refusal `json-malformed` */
  read(json: Uint8Array, nowMs: number): Draft | undefined {
    const { value, isStrict } = parseTolerantJson(json)
    return readRecord(form, value, { isStrict, nowMs })
  },
})

/** Whose records can be read from files, as the service reads them where they are sent. */
export const recordForms = { cloudtrail: bind(cloudTrail), github: bind(gitHub) }
export type RecordFormName = keyof typeof recordForms
