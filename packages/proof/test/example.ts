import {
  commitPart,
  encodeUtf8,
  formatBase64,
  formatCheckpoint,
  formatEntry,
  formatTlogProof,
  type Receipt,
  receiptFormat,
} from '../src/index.ts'
import { leafOf, naiveInclusion, naiveRoot } from './reference.ts'
import { createSigner } from './signer.ts'

/** The worked example of the evidence format: one event, its log of seven entries, its receipt. */

export const origin = 'log.example/l/1'
export const log = createSigner(origin, 1)
export const cosigner = createSigner('log.example', 2)
export const stranger = createSigner('stranger.example', 3)
export const cosignedAt = 1_795_205_461

export const exampleParts = {
  actor: { salt: 0x01, text: '{"id":"u_1","name":"Zoë","type":"user"}' },
  core: {
    salt: 0x02,
    text: '{"action":"customer.account.created","id":"e-1","outcome":"success","tenant":"default","time":"2026-11-20T20:11:00.123Z"}',
  },
  data: { salt: 0x03, text: '{"n":9007199254740991,"plan":"pro"}' },
}
type ExampleParts = Record<string, { readonly salt: number; readonly text: string }>

export const saltOf = (byte: number): Uint8Array => new Uint8Array(16).fill(byte)

export function entryOf(parts: ExampleParts, type = 'event'): string {
  const commitments = Object.fromEntries(
    Object.entries(parts).map(([label, { salt, text }]) => [
      label,
      commitPart(label, text, saltOf(salt)),
    ]),
  )
  return formatEntry({ type, time: 1_795_205_460_123, commitments })
}

export const exampleEntry = entryOf(exampleParts)

/** A receipt of an entry at index 4 of a log of 7, signed by the log and cosigned. */
export function receiptOf(parts: ExampleParts, type = 'event'): Receipt {
  const entry = entryOf(parts, type)
  const leaves = Array.from({ length: 7 }, (_, index) =>
    leafOf(encodeUtf8(index === 4 ? entry : `entry ${index}`)),
  )
  const text = formatCheckpoint({ origin, size: 7, root: naiveRoot(leaves) })
  const checkpoint = `${text}\n${log.sign(text)}${cosigner.cosign(cosignedAt, text)}`
  const shown = Object.entries(parts).map(([label, { salt, text: shownText }]) => [
    label,
    { salt: formatBase64(saltOf(salt)), text: shownText },
  ])
  return {
    format: receiptFormat,
    entry,
    parts: Object.fromEntries(shown),
    proof: formatTlogProof({ index: 4, hashes: naiveInclusion(4, leaves), checkpoint }),
  }
}

export const exampleReceipt = receiptOf(exampleParts)
