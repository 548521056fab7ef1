import { limits } from '@indelible/protocol'
import { Refusal } from '../../base/refusal.ts'
import { findClosingQuote, parseJson } from '../json.ts'
import { findNumberFault } from '../json-number.ts'
import { isRefusedName } from '../structure.ts'

/**
 * Reading for senders that put other people's words into a batch and drop all of it when it is
 * refused: whoever could make one record that we refuse would have the others' records lost. What
 * our strictness would refuse is changed, visibly, and the rest is kept.
 */

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
/** A record stands some levels deep in its body, and is the same wherever it stands. */
const depthReadMax = limits.eventDepthMax + 4
/** Items of one array or object that are read; batches are smaller, and so is what fits an event. */
const itemsReadMax = 20_000
/** Leaves room for what says that there was more. */
const membersKeptMax = limits.objectMembersMax - 1
const cut = '…'
/** Shorter integers are safe. */
const integerCharsMin = 16

/**
 * @returns whether the text is as strict as ours has to be: what is not goes through `fitRecord`
 * @throws Refusal `json-malformed` for what is no JSON at all
 */
export function parseTolerantJson(bytes: Uint8Array): { value: unknown; isStrict: boolean } {
  try {
    return { value: parseJson(bytes), isStrict: true }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    try {
      return { value: JSON.parse(easeText(decoder.decode(bytes))), isStrict: false }
    } catch {
      throw error
    }
  }
}

/** A text that is cut, visibly, where it is too long. */
export const clip = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : `${text.slice(0, charsMax - 1).toWellFormed()}${cut}`

/** A record that an event can carry: NUL, lone surrogates, refused names and depth are replaced. */
export function fitRecord(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd').toWellFormed()
  if (typeof value !== 'object' || value === null) return value
  if (depth > limits.eventDepthMax) return cut
  if (Array.isArray(value)) return value.map((item) => fitRecord(item, depth + 1))
  const members = Object.entries(value).map(([name, member]) => [
    isRefusedName(name) ? `${name}${cut}` : name.replaceAll('\0', '\ufffd').toWellFormed(),
    fitRecord(member, depth + 1),
  ])
  if (members.length <= membersKeptMax) return Object.fromEntries(members)
  return Object.fromEntries([...members.slice(0, membersKeptMax), [cut, members.length]])
}

/**
 * What nests too deeply or goes on for too long, left out, since parsing it could take minutes; and
 * a number that a double can't carry with all its digits, as text. A reviver would see those, too,
 * and took 5 times as long: 4 s of 16 MiB.
 */
function easeText(text: string): string {
  const kept: string[] = []
  const items = [0]
  let from = 0
  let skippedAbove: number | undefined
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) at = findClosingQuote(text, at + 1)
    else if (isOfNumber(code) && skippedAbove === undefined) {
      const end = findNumberEnd(text, at)
      const literal = text.slice(at, end)
      if (isBeyondDouble(literal)) {
        kept.push(text.slice(from, at), `"${literal}"`)
        from = end
      }
      at = end - 1
    } else if (code === 0x5b || code === 0x7b) {
      items.push(0)
      if (skippedAbove !== undefined || items.length - 1 <= depthReadMax) continue
      kept.push(text.slice(from, at), `"${cut}"`)
      skippedAbove = items.length - 1
    } else if (code === 0x5d || code === 0x7d) {
      items.pop()
      if (skippedAbove === undefined || items.length >= skippedAbove + 1) continue
      // What was opened before it was too long is closed; what was too deep never was.
      from = skippedAbove > depthReadMax ? at + 1 : at
      skippedAbove = undefined
    } else if (code === 0x2c && skippedAbove === undefined) {
      const count = (items.pop() ?? 0) + 1
      items.push(count)
      if (count < itemsReadMax) continue
      kept.push(text.slice(from, at))
      skippedAbove = items.length - 1
    }
  }
  return kept.join('') + (skippedAbove === undefined ? text.slice(from) : '')
}

/** A digit or `-`, with which a number begins. */
const isOfNumber = (code: number): boolean => (code >= 0x30 && code <= 0x39) || code === 0x2d

function findNumberEnd(text: string, from: number): number {
  let end = from + 1
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    const isExponent = code === 0x65 || code === 0x45 || code === 0x2b || code === 0x2e
    if (!isOfNumber(code) && !isExponent) break
  }
  return end
}

const number = /^-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

function isBeyondDouble(literal: string): boolean {
  if (literal.length < integerCharsMin && !/[eE]/.test(literal)) return false
  const match = number.exec(literal)
  if (match === null) return false
  const isInteger = match[1] === undefined && match[2] === undefined
  return findNumberFault(literal, Number(literal), isInteger) !== undefined
}
