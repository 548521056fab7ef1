import { createHmac } from 'node:crypto'
import type { Case, Fixture } from './case.ts'

const read = (name: string, path: string, code: Case['code'], as?: string): Case => ({
  name,
  path,
  code,
  ...(as === undefined ? {} : { as }),
})

/** Credentials that are none, or not for this. */
const listCredentials = (given: Fixture): Case[] => {
  const as = (name: string, credential: string) =>
    read(name, '/v1/events', 'credentials-invalid', credential)
  const [head = '', payload = '', signature = ''] = given.session.split('.')
  const unsigned = (alg: string) => `${encode({ alg, typ: 'JWT' })}.${payload}.`
  const swapped = (secret: string) => {
    const signed = `${head}.${payload}`
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  }
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return [
    read('no credential', '/v1/events', 'credentials-missing', ''),
    as('a made up key', `ind_${'a'.repeat(40)}`),
    as('a revoked key', given.revokedKey),
    as('a key with a character more', `${given.acmeKey}a`),
    as('a key in capitals (A-13)', given.acmeKey.toUpperCase()),
    as('a JWT with alg none (A-01)', unsigned('none')),
    as('a JWT with alg nOnE (A-01)', unsigned('nOnE')),
    as('a JWT with alg none and its signature (A-01)', `${unsigned('none')}${signature}`),
    as('a JWT without a signature (A-09)', `${head}.${payload}.`),
    as('a JWT signed with an empty key', swapped('')),
    as('a JWT signed with another key', swapped('another key')),
    as(
      'a JWT with another key in its head (A-04)',
      `${encode({ alg: 'HS256', jwk: { kty: 'oct', k: 'AA' } })}.${payload}.${signature}`,
    ),
    as(
      'a JWT with kid as a path (A-03)',
      `${encode({ alg: 'HS256', kid: '../../dev/null' })}.${payload}.${signature}`,
    ),
    as(
      'a JWT with an unknown crit (A-05)',
      `${encode({ alg: 'HS256', crit: ['x'] })}.${payload}.${signature}`,
    ),
    as('a JWT for another user', `${head}.${encode({ ...claims, sub: 'root' })}.${signature}`),
    as('a JWT that ends later', `${head}.${encode({ ...claims, exp: 4e9 })}.${signature}`),
    as('a JWE (A-10)', `${head}.a.b.c.d`),
    as(
      'a viewer token turned into a session (A-07)',
      `${head}.${payload}.${given.viewerToken.split('.')[2]}`,
    ),
    as('a credential of 10,000 characters', 'a'.repeat(10_000)),
    {
      ...read('Basic', '/v1/events', 'credentials-invalid'),
      headers: { authorization: 'Basic cm9vdDpyb290' },
    },
    {
      ...read('a key without its scheme', '/v1/events', 'credentials-invalid'),
      headers: { authorization: given.acmeKey },
    },
    read(
      'a key in the query string (A-15)',
      `/v1/events?access_token=${given.acmeKey}`,
      'credentials-missing',
      '',
    ),
    read(
      'reading with a key that only appends (A-16)',
      '/v1/events',
      'scope-insufficient',
      given.appendKey,
    ),
    read(
      'following with a key that only appends (A-16)',
      '/v1/stream',
      'scope-insufficient',
      given.appendKey,
    ),
    read('exporting with a key that only reads', '/v1/export', 'scope-insufficient', given.readKey),
    read('listing keys without admin', '/v1/keys', 'scope-insufficient', given.acmeKey),
    read(
      'a foreign tenant in a query (T-02)',
      '/v1/events?tenant=beta',
      'scope-insufficient',
      given.acmeKey,
    ),
    read(
      'a foreign tenant beside one’s own (T-03)',
      '/v1/events?tenant=acme&tenant=beta',
      'query-invalid',
      given.acmeKey,
    ),
    read(
      'the entry of a foreign tenant',
      '/v1/events/taken?tenant=default',
      'scope-insufficient',
      given.acmeKey,
    ),
    read('the foreign id in one’s own tenant', '/v1/events/taken', 'entry-unknown', given.acmeKey),
    read('a foreign log', '/v1/logs/beta', 'scope-insufficient', given.acmeKey),
    read('a foreign log that is not there', '/v1/logs/nobody', 'scope-insufficient', given.acmeKey),
    read(
      'a foreign tile (T-17)',
      '/v1/logs/default/tile/0/000.p/1',
      'scope-insufficient',
      given.acmeKey,
    ),
    read(
      'a foreign proof (T-17)',
      '/v1/logs/default/proofs/inclusion?index=0',
      'scope-insufficient',
      given.acmeKey,
    ),
    read('our own log with *', '/v1/logs/_system', 'scope-insufficient', given.twoTenantsKey),
    read('no tenant, where the key has two', '/v1/events', 'request-invalid', given.twoTenantsKey),
    read(
      'a foreign tenant with a viewer token',
      '/v1/events?tenant=default',
      'scope-insufficient',
      given.viewerToken,
    ),
    read('an export with a viewer token', '/v1/export', 'scope-insufficient', given.viewerToken),
  ]
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Bodies of the other routes. */
const listAdministration = (given: Fixture): Case[] => {
  const json = { 'content-type': 'application/json' }
  const post = (
    name: string,
    path: string,
    code: Case['code'],
    body: string,
    rest: Partial<Case> = {},
  ): Case => ({
    ...{ name, path, code, body, method: 'POST', headers: json },
    ...rest,
  })
  const key = { name: 'k', scopes: ['read'], tenants: ['acme'] }
  const keys = (name: string, body: unknown, ...pointers: string[]) =>
    post(name, '/v1/keys', 'request-invalid', JSON.stringify(body), { pointers })
  return [
    keys('an unknown scope', { ...key, scopes: ['read', 'write'] }),
    keys('no scope', { ...key, scopes: [] }),
    keys('no tenant', { ...key, tenants: [] }),
    keys('a tenant that is none', { ...key, tenants: ['a b'] }, '/tenants/0'),
    keys('an expiry in the past', { ...key, expires: '2020-01-01T00:00:00Z' }, '/expires'),
    keys('an unknown member', { ...key, scope: 'admin' }, '/scope'),
    keys('missing members', { name: 'k' }, '/scopes', '/tenants'),
    post(
      '__proto__ in a body',
      '/v1/keys',
      'request-invalid',
      `{"name":"k","scopes":["read"],"tenants":["acme"],"__proto__":{"scopes":["admin"]}}`,
      { pointers: ['/__proto__'] },
    ),
    post(
      'a duplicate member in a body',
      '/v1/keys',
      'json-malformed',
      `{"name":"k","scopes":["read"],"scopes":["admin"],"tenants":["acme"]}`,
    ),
    post(
      'a body that nests without end, and is no event',
      '/v1/keys',
      'request-invalid',
      `{"name":${'['.repeat(100)}`,
    ),
    post('a body that is no UTF-8', '/v1/login', 'json-malformed', '', {
      body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]),
    }),
    post('a log-in that is no JSON', '/v1/login', 'json-malformed', 'username=admin'),
    post(
      'a log-in as text',
      '/v1/login',
      'media-type-unsupported',
      '{"username":"admin","password":"x"}',
      { headers: { 'content-type': 'text/plain' } },
    ),
    post(
      'a log-in with a list',
      '/v1/login',
      'request-invalid',
      '{"username":["admin"],"password":"x"}',
      { pointers: ['/username'] },
    ),
    post(
      'a log-in with a wrong password',
      '/v1/login',
      'credentials-invalid',
      '{"username":"admin","password":"wrong horse"}',
    ),
    post(
      'a log-in with a password of 1 MiB (A-20)',
      '/v1/login',
      'body-too-large',
      JSON.stringify({ username: 'admin', password: 'x'.repeat(1_048_576) }),
    ),
    post('a viewer token for all tenants', '/v1/tokens', 'request-invalid', '{"tenant":"*"}'),
    post(
      'a viewer token with a faulty filter',
      '/v1/tokens',
      'request-invalid',
      '{"tenant":"acme","filter":"a:"}',
      { pointers: ['/filter'] },
    ),
    post(
      'a viewer token made by a viewer',
      '/v1/tokens',
      'scope-insufficient',
      '{"tenant":"acme"}',
      { as: given.viewerToken },
    ),
    post('a key made without admin', '/v1/keys', 'scope-insufficient', JSON.stringify(key), {
      as: given.acmeKey,
    }),
    post('a tenant that is ours', '/v1/tenants', 'request-invalid', '{"tenant":"_mine"}', {
      pointers: ['/tenant'],
    }),
    {
      ...{ name: 'a DELETE that names a type for no body', path: '/v1/keys/nobody' },
      ...{ method: 'DELETE', headers: json, code: 'resource-unknown' },
    },
    post('an empty body where one is needed', '/v1/keys', 'request-invalid', ''),
    {
      name: 'a key that is not there',
      path: '/v1/keys/nobody',
      method: 'DELETE',
      code: 'resource-unknown',
    },
    { name: 'a user that is not there', path: '/v1/users/nobody', code: 'resource-unknown' },
  ]
}

export const listAccessCases = (given: Fixture): readonly Case[] => [
  ...listCredentials(given),
  ...listAdministration(given),
]
