import type { Random } from '@indelible/testkit'

/** How the service describes the refusals of an operation: codes by status. */
export type DocumentedAnswers = ReadonlyMap<number, ReadonlySet<string>>

/** A kind of request that the service knows, as far as one needs to know it to make one. */
export interface Shape {
  /** `POST /v1/events`, as it is documented or registered. */
  readonly name: string
  readonly method: string
  /** How often it is drawn, beside the others. */
  readonly weight: number
  /** What an OpenAPI document says of its answers; undefined for dialects and pages. */
  readonly documented?: DocumentedAnswers
  /** Its events go to a log whose every entry stands in an answer. */
  readonly answersHeads?: true
  /** Its values are only for those who know them: a change of them would change the service. */
  readonly isFixed?: true
  /** A request that is taken, the nth of the run. */
  readonly make: (random: Random, n: number) => ValidRequest
}

export interface ValidRequest {
  readonly path: string
  readonly query?: readonly (readonly [name: string, value: string])[]
  readonly headers?: Readonly<Record<string, string>>
  readonly credential: string
  /** A value is sent as JSON, text as it is. */
  readonly body?: { readonly json: unknown } | { readonly text: string }
}

/** A request on its way to the wire. Mutations change it in place. */
export interface Draft {
  method: string
  /** The path, percent-encoded where need be. */
  path: string
  /** What follows the question mark, or ''. */
  query: string
  headers: [name: string, value: string][]
  /** What the body says, until it is encoded. */
  json: unknown
  body: Buffer | undefined
  framing: 'length' | 'chunked'
  /** Set where HTTP itself is broken: whether the bytes are one request, or any, is unknown. */
  wire: Buffer | undefined
  /** Our side ends behind the bytes: they are known to be cut short. */
  isCut: boolean
  /** What it has that must be refused, in words. */
  mustRefuse: string | undefined
}

export function openDraft(shape: Shape, valid: ValidRequest): Draft {
  const { path, query = [], headers = {}, credential, body } = valid
  const isJson = body !== undefined && 'json' in body
  return {
    method: shape.method,
    path,
    query: query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&'),
    headers: Object.entries({
      Host: 'a',
      ...(credential === '' ? {} : { Authorization: credential }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    }),
    json: isJson ? body.json : undefined,
    body: body === undefined || isJson ? undefined : Buffer.from(body.text),
    framing: 'length',
    wire: undefined,
    isCut: false,
    mustRefuse: undefined,
  }
}

/** The body's bytes, from then on independent of the value they were made of. */
export function encodeBody(draft: Draft): Buffer | undefined {
  draft.body ??= draft.json === undefined ? undefined : Buffer.from(JSON.stringify(draft.json))
  return draft.body
}

/** The last of a header of that name, whose value can be changed. */
export const findHeader = (draft: Draft, name: string) =>
  draft.headers.findLast(([one]) => one.toLowerCase() === name)

export function setHeader(draft: Draft, name: string, value: string): void {
  const found = findHeader(draft, name.toLowerCase())
  if (found === undefined) draft.headers.push([name, value])
  else found[1] = value
}

/** The bytes on the wire. */
export function formatDraft(draft: Draft): Buffer {
  if (draft.wire !== undefined) return draft.wire
  const body = encodeBody(draft)
  const target = draft.query === '' ? draft.path : `${draft.path}?${draft.query}`
  const lines = draft.headers.map(([name, value]) => `${name}: ${value}\r\n`)
  if (body !== undefined || draft.method !== 'GET') lines.push(formatFraming(draft, body))
  const head = Buffer.from(`${draft.method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1')
  return body === undefined ? head : Buffer.concat([head, frame(draft, body)])
}

const formatFraming = ({ framing }: Draft, body: Buffer | undefined): string =>
  framing === 'chunked' && body !== undefined
    ? 'Transfer-Encoding: chunked\r\n'
    : `Content-Length: ${body?.length ?? 0}\r\n`

function frame({ framing }: Draft, body: Buffer): Buffer {
  if (framing === 'length') return body
  const half = body.subarray(0, body.length >>> 1)
  const chunks = [half, body.subarray(half.length)].filter(({ length }) => length > 0)
  return Buffer.concat([
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('0\r\n\r\n'),
  ])
}
