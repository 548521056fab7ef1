import { gzipSync } from 'node:zlib'
import type { Case, Fixture } from './case.ts'

const good = { action: 'a.b', actor: { id: 'u' } }
const json = { 'content-type': 'application/json' }
const ndjson = { 'content-type': 'application/x-ndjson' }
const gzipped = { ...json, 'content-encoding': 'gzip' }

type Rest = Partial<Case> & { readonly name: string }
const append = (rest: Rest & Pick<Case, 'code'>): Case => ({
  path: '/v1/events',
  method: 'POST',
  headers: json,
  body: JSON.stringify(good),
  ...rest,
})
const malformed = (rest: Rest) => append({ code: 'json-malformed', ...rest })
const invalid = (rest: Rest, event: unknown, ...pointers: string[]) =>
  append({ code: 'event-invalid', body: JSON.stringify(event), pointers, ...rest })
const unsupported = (name: string, headers: Record<string, string>) =>
  append({ code: 'media-type-unsupported', name, headers })

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const withData = (text: string) => `{"action":"a.b","actor":{"id":"u"},"data":{"x":${text}}}`
const ahead = new Date(Date.now() + 360_000).toISOString()

/** Bodies of `POST /v1/events` beside those of `vectors/events`, which are sent too. */
export const listAppendCases = (given: Fixture): readonly Case[] => [
  malformed({ name: 'no body at all', body: '' }),
  malformed({
    name: 'NDJSON whose last line is cut (J-10)',
    headers: ndjson,
    body: `${JSON.stringify(good)}\n{"action":"a.b","act`,
  }),
  malformed({ name: 'NDJSON with an array across lines', headers: ndjson, body: '[\n{}\n]' }),
  malformed({ name: 'NDJSON with two values on a line (J-10)', headers: ndjson, body: '{}{}\n' }),
  malformed({
    name: 'NDJSON split by CR alone (J-10)',
    headers: ndjson,
    body: `${JSON.stringify(good)}\r${JSON.stringify(good)}`,
  }),
  malformed({
    name: 'NDJSON with a byte order mark',
    headers: ndjson,
    body: `\ufeff${JSON.stringify(good)}`,
  }),
  malformed({
    name: 'a duplicate member behind an escape in a batch (J-03)',
    body: `[${JSON.stringify(good)},{"a":1,"\\u0061":2}]`,
  }),
  malformed({
    name: 'a number beyond 2^53 in a batch (J-02)',
    body: `[${JSON.stringify(good)},${withData('9007199254740993')}]`,
  }),
  malformed({ name: 'gzip that is none', headers: gzipped }),
  malformed({
    name: 'gzip cut in the middle',
    headers: gzipped,
    body: new Uint8Array(gzipSync(JSON.stringify(good)).subarray(0, 20)),
  }),
  malformed({
    name: 'gzip with something behind it',
    headers: gzipped,
    body: new Uint8Array(Buffer.concat([gzipSync(JSON.stringify(good)), Buffer.from('x')])),
  }),
  malformed({
    name: 'gzip with a wrong check sum',
    headers: gzipped,
    body: breakChecksum(gzipSync(JSON.stringify(good))),
  }),
  malformed({
    name: 'gzip in gzip',
    headers: gzipped,
    body: new Uint8Array(gzipSync(gzipSync(JSON.stringify(good)))),
  }),
  malformed({
    name: 'gzip that is not declared',
    body: new Uint8Array(gzipSync(JSON.stringify(good))),
  }),
  append({
    name: 'a gzip bomb: 256 MiB in a few hundred KiB (D-01)',
    code: 'body-too-large',
    headers: gzipped,
    body: bomb(),
  }),
  append({
    name: 'a gzip bomb of many members (D-01)',
    code: 'body-too-large',
    headers: gzipped,
    body: bombOfMembers(),
  }),
  append({ name: 'a body of 17 MiB', code: 'body-too-large', body: ' '.repeat(17 * 1024 * 1024) }),
  append({
    name: 'no media type',
    code: 'media-type-unsupported',
    headers: {},
    body: new Uint8Array(Buffer.from(JSON.stringify(good))),
  }),
  unsupported('text/plain', { 'content-type': 'text/plain' }),
  unsupported('a form', { 'content-type': 'application/x-www-form-urlencoded' }),
  unsupported('multipart', { 'content-type': 'multipart/form-data; boundary=x' }),
  unsupported('a media type that only begins alike (J-11)', {
    'content-type': 'application/json5',
  }),
  unsupported('a media type that is none', { 'content-type': 'json' }),
  unsupported('an empty media type', { 'content-type': ';charset=utf-8' }),
  unsupported('Latin-1 (J-11)', { 'content-type': 'application/json; charset=iso-8859-1' }),
  unsupported('UTF-16 (J-07, J-11)', { 'content-type': 'application/json;charset="utf-16"' }),
  unsupported('UTF-7 (J-07, J-11)', { 'content-type': 'application/json;charset=utf-7' }),
  unsupported('brotli (D-01)', { ...json, 'content-encoding': 'br' }),
  unsupported('zstd (D-01)', { ...json, 'content-encoding': 'zstd' }),
  unsupported('deflate', { ...json, 'content-encoding': 'deflate' }),
  unsupported('stacked gzip (D-01)', { ...json, 'content-encoding': 'gzip, gzip' }),
  unsupported('gzip and identity', { ...json, 'content-encoding': 'identity, gzip' }),
  unsupported('an unknown coding', { ...json, 'content-encoding': 'rot13' }),
  append({
    name: '33 levels',
    code: 'event-invalid',
    body: withData(nested(31)),
    pointers: [`/data/x${'/a'.repeat(30)}`],
  }),
  append({ name: '100 levels', code: 'event-invalid', body: withData(nested(100)) }),
  append({ name: 'a million levels (J-01)', code: 'event-invalid', body: '['.repeat(1_000_000) }),
  append({
    name: 'a million levels that close',
    code: 'event-invalid',
    body: withData(nested(500_000)),
  }),
  invalid(
    { name: 'a batch of 10,001 (J-09)' },
    Array.from({ length: 10_001 }, () => good),
    '',
  ),
  invalid(
    { name: 'an event over 256 KiB (J-09)' },
    { ...good, data: { x: 'x'.repeat(262_144) } },
    '',
  ),
  invalid(
    { name: 'an object of 1,001 members (J-09)' },
    { ...good, data: Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`k${at}`, at])) },
    '/data',
  ),
  invalid({ name: 'a time six minutes ahead' }, { ...good, time: ahead }, '/time'),
  invalid({ name: 'a nested batch' }, [[good]], '/0'),
  invalid({ name: 'a batch of null' }, [null], '/0'),
  invalid(
    { name: 'index, received and hash, which are ours to say' },
    { ...good, index: 0, received: 'x', hash: '0' },
    '/index',
    '/received',
    '/hash',
  ),
  invalid({ name: 'a version member' }, { ...good, version: 2 }, '/version'),
  invalid({ name: 'a member in other case' }, { ...good, Tenant: 'acme' }, '/Tenant'),
  append({
    name: '__proto__ at the top',
    code: 'event-invalid',
    body: '{"action":"a.b","actor":{"id":"u"},"__proto__":{"tenant":"acme"}}',
    pointers: ['/__proto__'],
  }),
  append({
    name: '__proto__ below (J-04)',
    code: 'event-invalid',
    body: withData('{"__proto__":1}'),
    pointers: ['/data/x/__proto__'],
  }),
  invalid(
    { name: 'three bad of five, each named (D-11)' },
    [good, { ...good, acton: 1 }, good, { actor: { id: 'u' } }, { ...good, time: 'soon' }],
    '/1/acton',
    '/3/action',
    '/4/time',
  ),
  append({
    name: 'one bad line of NDJSON, with empty lines and CRLF (D-11, J-10)',
    code: 'event-invalid',
    headers: ndjson,
    body: `${JSON.stringify(good)}\r\n\r\n\n{"action":7,"actor":{"id":"u"}}\r\n`,
    pointers: ['/1/action'],
  }),
  append({
    name: 'an id that is taken',
    code: 'idempotency-conflict',
    body: JSON.stringify({ ...good, id: 'taken', action: 'other' }),
  }),
  append({
    name: 'an id that is taken, last of a batch',
    code: 'idempotency-conflict',
    body: JSON.stringify([good, { ...good, id: 'taken', action: 'other' }]),
  }),
  append({
    name: 'one id with two contents in a batch',
    code: 'idempotency-conflict',
    body: JSON.stringify([
      { ...good, id: 'x' },
      { ...good, id: 'x', action: 'y' },
    ]),
  }),
  invalid({ name: 'no tenant, where the key has two', as: given.twoTenantsKey }, good, '/tenant'),
  append({
    name: 'a foreign tenant in an event (T-02)',
    code: 'scope-insufficient',
    as: given.acmeKey,
    body: JSON.stringify({ ...good, tenant: 'beta' }),
  }),
  append({
    name: 'a foreign tenant in the last event of a batch',
    code: 'scope-insufficient',
    as: given.acmeKey,
    body: JSON.stringify([good, { ...good, tenant: 'beta' }]),
  }),
  append({
    name: 'a tenant in other case',
    code: 'scope-insufficient',
    as: given.acmeKey,
    body: JSON.stringify({ ...good, tenant: 'Acme' }),
  }),
  append({
    name: 'our own tenant',
    code: 'scope-insufficient',
    body: JSON.stringify({ ...good, tenant: '_system' }),
  }),
  append({ name: 'a key that only reads', code: 'scope-insufficient', as: given.readKey }),
  append({ name: 'a viewer token', code: 'scope-insufficient', as: given.viewerToken }),
  append({
    name: 'a tenant named in the query string',
    code: 'query-invalid',
    path: '/v1/events?tenant=acme',
  }),
]

function breakChecksum(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const broken = new Uint8Array(bytes)
  const at = broken.length - 8
  broken[at] = (broken[at] ?? 0) ^ 1
  return broken
}

function bomb(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(Buffer.alloc(256 * 1024 * 1024, ' '), { level: 1 }))
}

function bombOfMembers(): Uint8Array<ArrayBuffer> {
  const member = gzipSync(Buffer.alloc(1024 * 1024, ' '))
  return new Uint8Array(Buffer.concat(Array.from({ length: 64 }, () => member)))
}
