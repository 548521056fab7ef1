import { createFaultList } from '../../base/fault-list.ts'
import { isObject } from '../../base/json-object.ts'
import { Refusal } from '../../base/refusal.ts'
import { assertBatchSize } from '../body.ts'
import { cloudTrail } from './cloudtrail.ts'
import { gitHub } from './github.ts'
import { translateRecords } from './records.ts'
import { parseTolerantJson } from './tolerant-json.ts'
import type { Translation } from './translation.ts'

const feed = 0x0a
/** As JSON has it. */
const isWhiteSpace = (byte: number): boolean =>
  byte === feed || byte === 0x0d || byte === 0x20 || byte === 0x09

/**
 * A delivery file's text, `{ "Records": [ … ] }`.
 * @throws Refusal `json-malformed` `event-invalid`
 */
export function translateCloudTrail(body: Buffer, nowMs: number): Translation {
  const { value, isStrict } = parseTolerantJson(body)
  const records = isObject(value) ? value.Records : undefined
  if (!Array.isArray(records)) {
    const faults = createFaultList()
    faults.add('', 'Send { "Records": [ … ] }, as CloudTrail writes it.')
    faults.assertEmpty()
    return { events: [], tableOf: () => [] }
  }
  assertBatchSize(records.length)
  const pointerOf = (n: number) => `/Records/${n}`
  return translateRecords(cloudTrail, records, { isStrict, nowMs, pointerOf })
}

/**
 * One event a line, or an array of them.
 * @throws Refusal `json-malformed` `event-invalid`
 */
export function translateGitHub(body: Buffer, nowMs: number): Translation {
  const parsed = readLinesOrArray(body)
  assertBatchSize(parsed.records.length)
  return translateRecords(gitHub, parsed.records, { ...parsed, nowMs, pointerOf: (n) => `/${n}` })
}

function readLinesOrArray(body: Buffer): { records: readonly unknown[]; isStrict: boolean } {
  if (/^\s*\[/.test(body.toString('latin1', 0, 256))) {
    const { value, isStrict } = parseTolerantJson(body)
    return { records: Array.isArray(value) ? value : [value], isStrict }
  }
  const records: unknown[] = []
  let areStrict = true
  let line = 1
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] ?? feed
    // Byte by byte: a body can be millions of empty lines.
    if (byte === feed) line++
    if (isWhiteSpace(byte)) continue
    const next = body.indexOf(feed, at)
    const end = next === -1 ? body.length : next
    assertBatchSize(records.length + 1)
    const { value, isStrict } = parseLine(body.subarray(at, end), line)
    records.push(value)
    areStrict &&= isStrict
    at = end - 1
  }
  if (records.length > 0) return { records, isStrict: areStrict }
  throw new Refusal('json-malformed', { detail: 'The body is empty: send NDJSON or an array.' })
}

function parseLine(bytes: Buffer, line: number) {
  try {
    return parseTolerantJson(bytes)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(error.code, { detail: `Line ${line} of the body: ${error.message}` })
  }
}
