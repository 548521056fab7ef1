import { createHmac, timingSafeEqual } from 'node:crypto'
import { Refusal } from '../base/refusal.ts'
import type { Direction } from '../store/store.ts'
import { formatQuery, type Query } from './query.ts'

/** The last entry that a search looked at, in the order of `merge.ts`. */
export interface Position {
  readonly tenant: string
  readonly index: number
  /** Unix milliseconds. */
  readonly received: number
}

/** What a cursor is good for: the same caller's grant, asking the same. */
export interface CursorBinding {
  /** The tenants asked for, each that the grant covers; of an unbounded grant `*` itself. */
  readonly tenants: readonly string[]
  readonly query: Query
  readonly order: Direction
}

const macBytes = 16
const formatVersion = 1

/**
 * Opaque cursors: a position, and a MAC (HMAC-SHA-256, 128 bits) over it and what it is bound to.
 * They name an index, not a page, so they hold across restarts, reindexing and appends.
 *
 * @param options.key Secret of the instance; all its nodes have the same.
 */
export function createCursors(options: { key: Uint8Array }) {
  const sign = (payload: Buffer, binding: CursorBinding): Buffer => {
    const bound = [[...binding.tenants].sort(), formatQuery(binding.query), binding.order]
    const hmac = createHmac('sha256', options.key).update('indelible cursor v1\n')
    return hmac
      .update(`${JSON.stringify(bound)}\n`)
      .update(payload)
      .digest()
      .subarray(0, macBytes)
  }
  return {
    seal(position: Position, binding: CursorBinding): string {
      const fields = [formatVersion, position.tenant, position.index, position.received]
      const payload = Buffer.from(JSON.stringify(fields))
      return Buffer.concat([sign(payload, binding), payload]).toString('base64url')
    },
    /** @throws Refusal `cursor-invalid` unless we sealed it for just this binding. */
    open(cursor: string, binding: CursorBinding): Position {
      const bytes = Buffer.from(cursor, 'base64url')
      const payload = bytes.subarray(macBytes)
      // Decoding is lenient; a cursor has one spelling.
      const known = payload.length > 0 && bytes.toString('base64url') === cursor
      if (!known || !timingSafeEqual(bytes.subarray(0, macBytes), sign(payload, binding))) {
        throw new Refusal('cursor-invalid', {
          detail: 'This cursor was not made for this query; start again without one.',
        })
      }
      // We wrote it: the MAC says so.
      const fields = JSON.parse(payload.toString()) as [number, string, number, number]
      return { tenant: fields[1], index: fields[2], received: fields[3] }
    },
  }
}

export type Cursors = ReturnType<typeof createCursors>
