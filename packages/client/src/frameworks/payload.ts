import { redactSecrets } from '../redaction.ts'
import { copyPlain, isPlain, Omission } from './plain.ts'

export interface PayloadOptions {
  /** Members to mask beside those with secret names, wherever they are. */
  readonly redact?: readonly string[]
  /** Bytes of its JSON; a larger one is left out, and the event says so. Default: 16,384; at most 32,768. */
  readonly bytesMax?: number
}

const bytesMaxDefault = 16 * 1024
/**
 * Masking makes longer: by us, and again by the service, `pwd=a` four times as long. Whoever sends a
 * body must not be able to bring its event over the 256 KiB that one may have.
 */
const bytesMaxMax = 32 * 1024
const maskedBytesMax = 96 * 1024

/**
 * A parsed body as it may be kept: plain data, without secrets, within bounds, and nothing that the
 * service would refuse. What is no plain data (a stream, bytes) is left alone.
 * @returns undefined where there is none, `{ omitted: why }` where it is not kept
 */
export function readPayload(body: unknown, options: PayloadOptions = {}): unknown {
  if (isNothing(body)) return undefined
  const bytesMax = Math.min(options.bytesMax ?? bytesMaxDefault, bytesMaxMax)
  try {
    return readMasked(body, bytesMax, options.redact)
  } catch (thrown) {
    if (thrown instanceof Omission) return { omitted: thrown.message }
    throw thrown
  }
}

/**
 * A plain copy without its secrets.
 * @throws Omission
 */
export function readMasked(value: unknown, bytesMax: number, redact?: readonly string[]): unknown {
  const copied = copyPlain(value, bytesMax)
  const masked = redactSecrets(copied, redact)
  return masked === copied ? copied : copyPlain(masked, Math.min(4 * bytesMax, maskedBytesMax))
}

/** Parsers say so in several ways; Express 4 by an empty object. */
const isNothing = (body: unknown): boolean =>
  body === undefined ||
  body === null ||
  body === '' ||
  (typeof body === 'object' && isPlain(body) && !hasMembers(body))

function hasMembers(object: object): boolean {
  for (const _name in object) return true
  return false
}
