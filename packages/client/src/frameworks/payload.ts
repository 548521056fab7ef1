import { redactSecrets } from '../redaction.ts'

export interface PayloadOptions {
  /** Members to mask beside those with secret names, wherever they are. */
  readonly redact?: readonly string[]
  /** Characters of its JSON; a larger one is left out, and the event says so. Default: 16,384. */
  readonly bytesMax?: number
}

const bytesMaxDefault = 16 * 1024
const depthMax = 20
const objectMembersMax = 1_000

/** Why a body is not kept. */
class Omission {
  readonly omitted: string
  constructor(omitted: string) {
    this.omitted = omitted
  }
}

/**
 * A parsed body as it may be kept: plain data, without secrets, within bounds, and nothing that the
 * service would refuse. What is no plain data (a stream, bytes) is left alone.
 * @returns undefined where there is none, `{ omitted: why }` where it is not kept
 */
export function readPayload(body: unknown, options: PayloadOptions = {}): unknown {
  if (isNothing(body)) return undefined
  const room = { chars: options.bytesMax ?? bytesMaxDefault }
  try {
    return redactSecrets(copy(body, room, 0), options.redact)
  } catch (thrown) {
    if (thrown instanceof Omission) return { omitted: thrown.omitted }
    throw thrown
  }
}

/** Parsers say so in several ways; Express 4 by an empty object. */
const isNothing = (body: unknown): boolean =>
  body === undefined ||
  body === null ||
  body === '' ||
  (typeof body === 'object' && isPlain(body) && Object.keys(body).length === 0)

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function copy(value: unknown, room: { chars: number }, depth: number): unknown {
  room.chars -= typeof value === 'string' ? value.length + 3 : 6
  if (room.chars < 0) throw new Omission('too large')
  if (typeof value === 'string') return tell(value)
  if (typeof value === 'number')
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : `${value}`
  if (typeof value === 'bigint') return `${value}`
  if (typeof value !== 'object' || value === null) return value
  if (depth >= depthMax) throw new Omission('too deep')
  if (Array.isArray(value)) return value.map((item) => copy(item, room, depth + 1) ?? null)
  return copyObject(value, room, depth)
}

function copyObject(value: object, room: { chars: number }, depth: number): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (!isPlain(value)) throw new Omission('not plain data')
  const members = Object.entries(value)
  if (members.length > objectMembersMax) throw new Omission('too many members')
  return Object.fromEntries(
    members.map(([name, member]) => {
      room.chars -= name.length + 3
      return [tellName(name), copy(member, room, depth + 1)]
    }),
  )
}

/** A string that JSON carries faithfully: no NUL, no half of a character. */
const tell = (text: string): string => {
  const wellFormed = text.toWellFormed()
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\u{FFFD}') : wellFormed
}

/** The service refuses what could be taken for a prototype. */
const tellName = (name: string): string =>
  name === '__proto__' || name === 'constructor' || name === 'prototype' ? `(${name})` : tell(name)
