import { type RecordFormName, Refusal, recordForms } from '@indelible/server/records'
import { type EventMapper, refuseLong } from './ndjson-events.ts'

const byteOrderMark = Buffer.from('\ufeff')

/** Another service's records → events, the same as the service makes of them when they are sent. */
export function createRecordMapper(
  name: RecordFormName,
  { tenant, now }: { readonly tenant: string | undefined; readonly now: () => number },
): EventMapper {
  const form = recordForms[name]
  return ({ bytes }) => {
    if (bytes === undefined) return refuseLong()
    const isMarked = bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark)
    try {
      const json = isMarked ? bytes.subarray(byteOrderMark.length) : bytes
      const event = form.read(json, now())
      if (event === undefined) return { code: 'event-invalid', detail: form.otherwise }
      const context = { ...event.context, dialect: form.name }
      const tenants = tenant === undefined ? {} : { tenant }
      return { text: JSON.stringify({ ...tenants, ...event, context }) }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { code: error.code, detail: error.message }
    }
  }
}
