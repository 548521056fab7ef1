import { Refusal } from '../base/refusal.ts'

const formats: ReadonlyMap<string, 'json' | 'ndjson'> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
])
const charsetParameter = /^charset\s*=\s*"?([^"]*)"?$/i

/**
 * Which of our formats a `Content-Type` (RFC 9110 §8.3) means. Parameters other than `charset`
 * change nothing; JSON is UTF-8 (RFC 8259 §8.1), so no other charset is taken.
 *
 * @throws Refusal `media-type-unsupported`, naming what is accepted.
 */
export function readMediaType(contentType: string | undefined): 'json' | 'ndjson' {
  const [essence = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim())
  const format = formats.get(essence.toLowerCase())
  if (format === undefined) {
    const sent = essence === '' ? 'No Content-Type' : `Content-Type ${JSON.stringify(essence)}`
    throw unsupported(`${sent} is not accepted`)
  }
  for (const parameter of parameters) {
    const charset = charsetParameter.exec(parameter)?.[1]?.trim().toLowerCase()
    if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
      throw unsupported(`Charset ${JSON.stringify(charset)} is not accepted, only UTF-8`)
    }
  }
  return format
}

function unsupported(what: string): Refusal {
  return new Refusal('media-type-unsupported', {
    detail: `${what}; send application/json or application/x-ndjson.`,
  })
}
