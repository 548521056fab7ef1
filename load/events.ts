import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Refusal, recordForms } from '@indelible/server/records'
import { createEvent } from '../bench/events.ts'
import { exitCodes } from '../packages/cli/src/core/exit-codes.ts'
import { Failure } from '../packages/cli/src/core/failure.ts'
import { describeFileError } from '../packages/cli/src/core/file-failure.ts'

/** What events look like; `native` is our own form. */
export const shapes = ['native', 'cloudtrail', 'github'] as const
export type Shape = (typeof shapes)[number]

/** JSON of an event with that id, for that tenant, now. */
export type CreateText = (facts: {
  readonly id: string
  readonly tenant: string
  readonly nowMs: number
}) => string

const samples = {
  cloudtrail: 'packages/testkit/samples/cloudtrail.ndjson',
  github: 'packages/testkit/samples/github-audit.ndjson',
} as const

/**
 * Without a file `native` events are made as a mid-sized SaaS sends them, 450 bytes each. Those of a
 * file are sent over and over, each time as a new event: fresh id, time of the sending, the rest as
 * it is there.
 * @throws {Failure} usage, where the file holds no such events
 */
export function createEvents(options: {
  readonly shape: Shape
  /** NDJSON, gzipped or not: events of ours, or records of the shape's service. */
  readonly file?: string | undefined
  readonly random: () => number
}): CreateText {
  const { shape, random } = options
  if (shape === 'native' && options.file === undefined) {
    return ({ id, tenant, nowMs }) => JSON.stringify({ ...createEvent(random, nowMs), id, tenant })
  }
  const path =
    options.file ??
    new URL(`../${samples[shape === 'github' ? shape : 'cloudtrail']}`, import.meta.url).pathname
  const rests = readLines(path).map((line, n) => readEvent(shape, line, `${path}, line ${n + 1}`))
  if (rests.length === 0) throw new Failure(exitCodes.usage, `${path} holds no event.`)
  let at = 0
  return ({ id, tenant, nowMs }) => {
    const rest = rests[at++ % rests.length] ?? ''
    const time = new Date(nowMs).toISOString()
    return `{"id":"${id}","tenant":"${tenant}","time":"${time}",${rest}`
  }
}

function readLines(path: string): string[] {
  try {
    const bytes = readFileSync(path)
    // RFC 1952 §2.3.1: names lie, the first two bytes don't.
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    const text = (isGzip ? gunzipSync(bytes) : bytes).toString('utf8')
    return text.split('\n').filter((line) => line.trim() !== '')
  } catch (error) {
    throw describeFileError('read', path, error as NodeJS.ErrnoException) // of fs or zlib
  }
}

/** @returns the JSON of an event behind its id, tenant and time */
function readEvent(shape: Shape, line: string, place: string): string {
  const event = shape === 'native' ? parse(line, place) : translate(shape, line, place)
  const { id, tenant, time, ...rest } = event
  const text = JSON.stringify(rest).slice(1)
  if (text === '}') throw new Failure(exitCodes.usage, `${place}: the event is empty.`)
  return text
}

function translate(shape: Exclude<Shape, 'native'>, line: string, place: string) {
  const form = recordForms[shape]
  try {
    const draft = form.read(Buffer.from(line), Date.now())
    if (draft === undefined) throw new Failure(exitCodes.usage, `${place}: ${form.otherwise}`)
    return { ...draft }
  } catch (error) {
    throw error instanceof Refusal
      ? new Failure(exitCodes.usage, `${place}: ${error.message}`)
      : error
  }
}

function parse(line: string, place: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    // Arrays and scalars aside, what JSON.parse gives is a record.
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // said below
  }
  throw new Failure(exitCodes.usage, `${place}: it is not a JSON object.`)
}
