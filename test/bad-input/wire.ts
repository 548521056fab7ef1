import type { ProblemCode } from '@indelible/protocol'

/** Bytes on the wire that no HTTP client would send. */
export interface WireCase {
  readonly name: string
  readonly bytes: string
  readonly code: ProblemCode
  /** Our side ends behind the bytes. */
  readonly halfClose?: boolean
}

const event = '{"action":"a.b","actor":{"id":"u"}}'

export function listWireCases(key: string): readonly WireCase[] {
  const start = 'POST /v1/events HTTP/1.1\r\n'
  const usual = `Authorization: Bearer ${key}\r\nContent-Type: application/json\r\n`
  const post = (headers: string, body: string) => `${start}Host: a\r\n${usual}${headers}\r\n${body}`
  const sized = `Content-Length: ${event.length}\r\nConnection: close\r\n`
  const broken = (name: string, bytes: string): WireCase => ({
    name,
    bytes,
    code: 'http-malformed',
  })
  return [
    broken('two Host headers (D-04)', `${start}Host: a\r\nHost: b\r\n${usual}${sized}\r\n${event}`),
    broken('the same Host twice', `${start}Host: a\r\nHost: a\r\n${usual}${sized}\r\n${event}`),
    broken('no Host header', `${start}${usual}${sized}\r\n${event}`),
    broken(
      'a target that names another host (D-04)',
      `GET http://b/healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    ),
    broken(
      'a target of another scheme',
      `GET file:///healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    ),
    broken('no HTTP version (D-04)', 'GET /healthz\r\n\r\n'),
    broken('HTTP/2 in clear text (D-15)', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    broken('a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
    broken('a method that is none', `BREW /v1/events HTTP/1.1\r\nHost: a\r\n\r\n`),
    broken(
      'a method in small letters',
      `post /v1/events HTTP/1.1\r\nHost: a\r\n${usual}${sized}\r\n${event}`,
    ),
    broken('a length with a plus (D-03)', post(`Content-Length: +${event.length}\r\n`, event)),
    broken('a negative length', post('Content-Length: -1\r\n', event)),
    broken('two lengths (D-03)', post(`Content-Length: 5\r\n${sized}`, event)),
    broken(
      'a length and chunks (D-03)',
      post(
        `${sized}Transfer-Encoding: chunked\r\n`,
        `${event.length.toString(16)}\r\n${event}\r\n0\r\n\r\n`,
      ),
    ),
    broken(
      'another transfer coding',
      post(
        'Transfer-Encoding: gzip, chunked\r\nConnection: close\r\n',
        `${event.length.toString(16)}\r\n${event}\r\n0\r\n\r\n`,
      ),
    ),
    broken(
      'chunked twice',
      post(
        'Transfer-Encoding: chunked, chunked\r\nConnection: close\r\n',
        `${event.length.toString(16)}\r\n${event}\r\n0\r\n\r\n`,
      ),
    ),
    broken(
      'a chunk of no size',
      post('Transfer-Encoding: chunked\r\n', `ZZ\r\n${event}\r\n0\r\n\r\n`),
    ),
    broken(
      'a chunk longer than it says',
      post('Transfer-Encoding: chunked\r\n', `5\r\n${event}\r\n0\r\n\r\n`),
    ),
    broken(
      'a chunk size that overflows (D-03)',
      post('Transfer-Encoding: chunked\r\n', `fffffffffffffffff\r\n${event}`),
    ),
    {
      ...broken(
        'chunks without their end',
        post('Transfer-Encoding: chunked\r\n', `${event.length.toString(16)}\r\n${event}\r\n`),
      ),
      halfClose: true,
    },
    { ...broken('a body that was cut', post('Content-Length: 5000\r\n', event)), halfClose: true },
    {
      ...broken('no body where one was promised', post(`Content-Length: ${event.length}\r\n`, '')),
      halfClose: true,
    },
    broken('a space before a colon', `${start}Host : a\r\n${usual}${sized}\r\n${event}`),
    broken('a folded header (D-03)', post(`X: a\r\n b\r\n${sized}`, event)),
    broken('NUL in a header', post(`X: a\0b\r\n${sized}`, event)),
    broken('lines that end in LF alone (D-03)', post(sized, event).replaceAll('\r\n', '\n')),
    broken('an expectation nobody has', post(`Expect: 200-maybe\r\n${sized}`, event)),
    broken('a URL in raw UTF-8', `GET /v1/events?q=é HTTP/1.1\r\nHost: a\r\n\r\n`),
    {
      name: 'a header of 20 kB (D-05)',
      bytes: post(`X: ${'a'.repeat(20_000)}\r\n${sized}`, event),
      code: 'headers-too-large',
    },
    {
      // Node counts names and values alone against the size, and no more than 2,000 of them.
      name: '2,100 headers, a second Host behind them (D-05)',
      bytes: post(`${'X:\r\n'.repeat(2_100)}Host: b\r\n${sized}`, event),
      code: 'headers-too-large',
    },
    {
      name: 'a URL of 20 kB (D-05)',
      bytes: `GET /v1/events?q=${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      code: 'headers-too-large',
    },
    {
      name: 'TRACE (D-04)',
      bytes: `TRACE /v1/events HTTP/1.1\r\nHost: a\r\n${usual}Connection: close\r\n\r\n`,
      code: 'route-unknown',
    },
    {
      name: 'OPTIONS of everything',
      bytes: 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      code: 'route-unknown',
    },
    {
      name: 'a promise of 100 MB',
      bytes: post('Expect: 100-continue\r\nContent-Length: 100000000\r\n', ''),
      code: 'body-too-large',
    },
    {
      name: 'two credentials',
      bytes: post(`Authorization: Bearer other\r\n${sized}`, event),
      code: 'credentials-invalid',
    },
    {
      name: 'a path that climbs (C-01)',
      bytes: `GET /v1/logs/../../etc/passwd HTTP/1.1\r\nHost: a\r\n${usual}Connection: close\r\n\r\n`,
      code: 'route-unknown',
    },
    {
      name: 'a path with two slashes',
      bytes: `GET //v1/events HTTP/1.1\r\nHost: a\r\n${usual}Connection: close\r\n\r\n`,
      code: 'route-unknown',
    },
  ]
}
