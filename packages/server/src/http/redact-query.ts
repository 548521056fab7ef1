import type { Redactor } from '../intake/redact.ts'
import type { Parameters } from '../query/parameters.ts'

/** A field of the search grammar with its values, quoted or not, or a list of them. */
const term = /([\w.-]{2,128}):((?:"(?:[^"\\]|\\.)*"|[^\s"])+)/g

/** The parameters of a read as they may be kept. */
export function redactParameters(parameters: Parameters, redact: Redactor['redact']): Parameters {
  const kept = Object.entries(parameters).map(([name, value]) => [
    redact(name),
    name === 'q' && typeof value === 'string'
      ? redactQuery(value, redact)
      : redactField(name, value, redact),
  ])
  return Object.fromEntries(kept)
}

/**
 * A query as it may be kept: `data.password:hunter2` names its secret as a member of an event
 * does, which redaction of plain text does not know.
 */
export function redactQuery(query: string, redact: Redactor['redact']): string {
  const named = query.replaceAll(term, (whole, field: string, value: string) => {
    const kept = redactField(field, value, redact)
    return kept === value ? whole : `${field}:${kept ?? ''}`
  })
  return redact(named)
}

/** A value as it would be kept of an event, where the last name of the path holds it. */
function redactField<Value>(path: string, value: Value, redact: Redactor['redact']) {
  const name = path.slice(path.lastIndexOf('.') + 1)
  return redact<Record<string, Value>>({ [name]: value })[name]
}
