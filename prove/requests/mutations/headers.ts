import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { encodeBody, findHeader, setHeader } from '../draft.ts'
import { type Mutation, oddTexts } from './mutation.ts'

const hasBody = ({ json, body }: { json: unknown; body: Buffer | undefined }): boolean =>
  json !== undefined || body !== undefined
/** What a header can hold; the rest is in framing.ts. */
const printable = (text: string): string =>
  Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[^ -~\x80-\xff]/g, '')

/** Four megabytes of one character, more than any event has, and some forty that unpack to more. */
const bomb = gzipSync(Buffer.alloc(4 * 1024 * 1024, 'a'))
const bombs = gzipSync(Buffer.alloc(40 * 1024 * 1024, '['))

/** Changes of headers, and of how a body is packed. */
export const headerMutations: readonly Mutation[] = [
  {
    ...{ name: 'another credential', weight: 4 },
    apply(draft, random, { credentials }) {
      setHeader(draft, 'Authorization', random.pick(credentials))
    },
  },
  {
    ...{ name: 'a changed credential', weight: 2, fits: (draft) => credentialOf(draft) !== '' },
    apply(draft, random) {
      const text = credentialOf(draft)
      const at = random.whole(text.length)
      const letter = random.pick(['a', 'A', '.', ' ', '_', '='])
      setHeader(draft, 'Authorization', `${text.slice(0, at)}${letter}${text.slice(at + 1)}`)
    },
  },
  {
    ...{ name: 'two credentials', weight: 0.5 },
    apply(draft, random, { credentials }) {
      draft.headers.push(['Authorization', random.pick(credentials)])
    },
  },
  {
    ...{ name: 'another content type', weight: 2, fits: hasBody },
    apply(draft, random) {
      setHeader(draft, 'Content-Type', random.pick(contentTypes))
    },
  },
  {
    ...{ name: 'a packed body', weight: 3, fits: hasBody },
    apply(draft, random) {
      const body = encodeBody(draft) ?? Buffer.alloc(0)
      const [name, pack] = random.pick(encodings)
      setHeader(draft, 'Content-Encoding', name)
      draft.body = pack(body)
    },
  },
  {
    ...{ name: 'a body that unpacks to megabytes', weight: 0.1, fits: hasBody },
    apply(draft, random) {
      setHeader(draft, 'Content-Encoding', 'gzip')
      draft.body = random.pick([bomb, bombs])
    },
  },
  {
    ...{ name: 'an odd header', weight: 4 },
    apply(draft, random) {
      draft.headers.push([random.pick(names), printable(random.pick(oddTexts))])
    },
  },
  {
    ...{ name: 'headers of 20 kB', weight: 0.3 },
    apply(draft) {
      draft.headers.push(['X-Long', 'a'.repeat(20_000)])
    },
  },
  {
    ...{ name: 'two hosts, or none', weight: 0.5 },
    apply(draft, random) {
      if (random() < 0.5) draft.headers.push(['Host', 'b'])
      else draft.headers = draft.headers.filter(([name]) => name !== 'Host')
    },
  },
  {
    ...{ name: 'in chunks', weight: 2, fits: hasBody },
    apply(draft) {
      draft.framing = 'chunked'
    },
  },
]

const credentialOf = (draft: Parameters<typeof findHeader>[0]): string =>
  findHeader(draft, 'authorization')?.[1] ?? ''

const names = [
  ...['Cookie', 'Origin', 'Sec-Fetch-Site', 'Last-Event-ID', 'Accept', 'Accept-Encoding', 'Date'],
  ...['If-None-Match', 'Range', 'Content-Encoding', 'Content-Language', 'X-Forwarded-For', 'ce-x'],
  ...['X-HTTP-Method-Override', 'Idempotency-Key', 'Upgrade', 'Connection', 'ce-id', 'ce-type'],
  ...['traceparent', 'User-Agent', 'Referer', 'X-Forwarded-Host', 'Forwarded', '__proto__'],
  'Indelible-Console',
]

const contentTypes = [
  ...['', 'text/plain', 'application/x-ndjson', 'application/json; charset=utf-16', ';', '/'],
  ...['application/JSON', 'application/json;', 'application/json, application/json', 'é/é', '*/*'],
  ...['application/cloudevents+json', 'application/cloudevents-batch+json', 'x'.repeat(500)],
  ...['application/x-protobuf', 'application/x-www-form-urlencoded'],
  'multipart/form-data; boundary=x',
]

type Pack = (body: Buffer) => Buffer
const encodings: readonly (readonly [string, Pack])[] = [
  ['gzip', gzipSync],
  ['gzip', (body) => body],
  ['gzip', (body) => gzipSync(body).subarray(0, -6)],
  ['gzip', (body) => Buffer.concat([gzipSync(body), Buffer.from('more')])],
  ['gzip, gzip', (body) => gzipSync(gzipSync(body))],
  ['GZIP', gzipSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
  ['identity', (body) => body],
  ['', (body) => body],
]
