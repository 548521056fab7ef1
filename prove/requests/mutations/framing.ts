import type { Random } from '@indelible/testkit'
import { type Draft, encodeBody, formatDraft } from '../draft.ts'
import type { Mutation } from './mutation.ts'

/** Breaks of HTTP itself, and of the bytes, wherever they fall. */
export const framingMutations: readonly Mutation[] = [
  wire('cut short', 2, (bytes, random) => bytes.subarray(0, random.whole(bytes.length)), true),
  wire('bytes changed', 3, changeBytes),
  wire('bytes put in', 1, (bytes, random) => {
    const at = random.whole(bytes.length)
    const more = Buffer.from(
      random.pick(['\0', '\r\n', '\n', ' ', '\x80', '\r\n\r\n', ':', '\t']),
      'latin1',
    )
    return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
  }),
  wire('a piece twice', 1, (bytes, random) => {
    const [from, to] = [random.whole(bytes.length), random.whole(bytes.length)]
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)])
  }),
  wire('more behind the request', 1, (bytes, random) =>
    Buffer.concat([bytes, Buffer.from(random.pick(strays), 'latin1')]),
  ),
  header('a length that is none', 2, (random, length) => [
    `Content-Length: ${random.pick(['-1', `+${length}`, 'x', '', '1e1', `${length}, ${length}`, '0x5', '9'.repeat(25)])}`,
  ]),
  header('another length', 2, (random, length) => [
    `Content-Length: ${random.pick([0, length - 1, length + 1, length + 5_000, 100_000_000])}`,
  ]),
  header('two lengths', 1, (_, length) => [`Content-Length: ${length}`, 'Content-Length: 5']),
  header('a length and chunks', 1, (_, length) => [
    ...[`Content-Length: ${length}`, 'Transfer-Encoding: chunked'],
  ]),
  header('another transfer coding', 1, (random) => [
    `Transfer-Encoding: ${random.pick(['gzip', 'chunked, chunked', 'xchunked', 'identity', 'chunked;a=b', '\x0bchunked'])}`,
  ]),
  header('a header that is none', 2, (random, length) => [
    `Content-Length: ${length}`,
    random.pick([
      'A',
      ' A: b',
      'A : b',
      ': b',
      'A\0: b',
      'A: b\0',
      'A: b\rC: d',
      '\x80: b',
      'A:\r\n b',
    ]),
  ]),
  header('an expectation', 1, (random, length) => [
    `Content-Length: ${length}`,
    `Expect: ${random.pick(['100-continue', '200-maybe', ''])}`,
  ]),
  chunks('a chunk of no size', (body) => `zz\r\n${body}\r\n0\r\n\r\n`),
  chunks('a chunk longer than it says', (body) => `1\r\n${body}\r\n0\r\n\r\n`),
  chunks('a chunk size beyond bounds', (body) => `${'f'.repeat(17)}\r\n${body}\r\n0\r\n\r\n`),
  chunks('chunks without their end', (body) => `${body.length.toString(16)}\r\n${body}\r\n`),
  chunks(
    'extensions of chunks',
    (body) => `${body.length.toString(16)};${'a=b;'.repeat(5_000)}\r\n${body}\r\n0\r\n\r\n`,
  ),
  chunks(
    'trailers',
    (body) => `${body.length.toString(16)}\r\n${body}\r\n0\r\nContent-Length: 5\r\nA: b\r\n\r\n`,
  ),
  wire('another request line', 2, (bytes, random) => {
    const text = bytes.toString('latin1')
    const end = text.indexOf('\r\n')
    return Buffer.from(spoilLine(text.slice(0, end), random) + text.slice(end), 'latin1')
  }),
  wire('lines that end in LF', 0.5, (bytes) =>
    Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  ),
  wire('no HTTP at all', 0.5, (_, random) =>
    random() < 0.5
      ? Buffer.from(Array.from({ length: 1 + random.whole(200) }, () => random.whole(256)))
      : Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'latin1'),
  ),
]

const strays = [
  ...['\r\n', '\0', 'x', 'GET', '{"a":1}', '\r\n\r\n\r\n', 'GET /healthz\r\n\r\n'],
  'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{',
]

function wire(
  name: string,
  weight: number,
  spoil: (bytes: Buffer, random: Random) => Buffer,
  isCut = false,
): Mutation {
  return {
    ...{ name, weight, isAlone: true },
    apply(draft, random) {
      draft.wire = spoil(formatDraft(draft), random)
      draft.isCut = isCut
    },
  }
}

/** The headers that say where the body ends, and others, written by hand. */
function header(
  name: string,
  weight: number,
  make: (random: Random, length: number) => readonly string[],
): Mutation {
  return {
    ...{ name, weight, isAlone: true },
    apply(draft, random) {
      const body = encodeBody(draft) ?? Buffer.alloc(0)
      draft.wire = Buffer.concat([formatHead(draft, make(random, body.length)), body])
    },
  }
}

function chunks(name: string, make: (body: string) => string): Mutation {
  return {
    ...{ name, weight: 0.5, isAlone: true, fits: (draft) => draft.json !== undefined },
    apply(draft) {
      const body = encodeBody(draft)?.toString('latin1') ?? ''
      const head = formatHead(draft, ['Transfer-Encoding: chunked'])
      draft.wire = Buffer.concat([head, Buffer.from(make(body), 'latin1')])
    },
  }
}

function formatHead({ method, path, query, headers }: Draft, more: readonly string[]): Buffer {
  const lines = [...headers.map(([name, value]) => `${name}: ${value}`), ...more]
  const target = query === '' ? path : `${path}?${query}`
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

function changeBytes(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes)
  for (let n = 1 + random.whole(3); n > 0; n--) {
    changed[random.whole(changed.length)] = random.whole(256)
  }
  return changed
}

function spoilLine(line: string, random: Random): string {
  const [method = '', target = ''] = line.split(' ')
  return random.pick([
    ...[`${method} ${target}`, ` ${line}`, `\r\n${line}`, 'PRI * HTTP/2.0'],
    ...['0.9', '1.0', '2.0', '1.1 x'].map((version) => `${method} ${target} HTTP/${version}`),
    ...[method.toLowerCase(), 'BREW', 'CONNECT', `${method} `].map(
      (verb) => `${verb} ${target} HTTP/1.1`,
    ),
    ...['*', 'a', '?a', `http://other${target}`, `${target}é`, `${target}\0`].map(
      (other) => `${method} ${other} HTTP/1.1`,
    ),
    `${method} ${target}${'x'.repeat(20_000)} HTTP/1.1`,
  ])
}
