import { parseJson } from '../json.ts'

/**
 * Attributes of a binary delivery: its `ce-` headers (HTTP Protocol Binding 1.0.2 §3.1.3.2).
 * Senders are taken as they are: quoted or not, encoded or not.
 */
export function readHeaderAttributes(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('ce-') && typeof value === 'string' ? [[name.slice(3), decode(value)]] : [],
  )
  return Object.fromEntries(attributes)
}

/**
 * What a delivery carries: JSON where it says so, other text as text, so that redaction sees what
 * is in it, and the rest in base64.
 * @throws Refusal `json-malformed`
 */
export function readPayload(
  bytes: Buffer,
  contentType: string | undefined,
): { readonly data?: unknown; readonly data_base64?: string } {
  if (bytes.length === 0) return {}
  const text = decodeText(bytes)
  // The JavaScript SDK calls bytes JSON, too, where its caller gave them no type.
  if (text === undefined) return { data_base64: bytes.toString('base64') }
  const mediaType = contentType?.split(';', 1)[0]?.trim() ?? ''
  return { data: /[/+]json$/i.test(mediaType) ? parseJson(bytes) : text }
}

function decode(header: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(header.trim())?.[1]
  const value = readRawUtf8(quoted?.replaceAll(/\\(.)/g, '$1') ?? header)
  try {
    return decodeURIComponent(value)
  } catch {
    // The JavaScript SDK encodes nothing: a percent sign is one.
    return value
  }
}

/** Node reads header bytes as Latin-1; many a sender writes UTF-8 there. */
function readRawUtf8(value: string): string {
  return /[\x80-\xff]/.test(value) ? (decodeText(Buffer.from(value, 'latin1')) ?? value) : value
}

/** @returns undefined for what is no UTF-8, or has NUL, which no store can keep in a text */
function decodeText(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
