import { keepDigits, type RecordFormName, recordForms } from '@indelible/server/records'
import { deriveId, type EventMapper, type MappingOptions, parseLine } from './ndjson-events.ts'

/** A reviver makes parsing slow, so it runs only where a number may be that JavaScript can't hold. */
const parseRecord = (text: string): unknown =>
  /\d{16}|\d[eE]/.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)

/** Another service's records → events, the same as the service makes of them when they are sent. */
export function createRecordMapper(
  name: RecordFormName,
  { occurrences, tenant, now }: MappingOptions & { readonly now: () => number },
): EventMapper {
  const form = recordForms[name]
  return (line) => {
    const parsed = parseLine(line, parseRecord)
    if ('code' in parsed) return parsed
    const event = form.read(parsed.value, now())
    if (event === undefined) return { code: 'event-invalid', detail: form.otherwise }
    const ids = { id: event.id ?? deriveId(line, occurrences) }
    const context = { ...event.context, dialect: form.name }
    const tenants = tenant === undefined ? {} : { tenant }
    return { text: JSON.stringify({ ...ids, ...tenants, ...event, context }) }
  }
}
