import { limits } from '@indelible/protocol'
import { readConfig } from '@indelible/server'
import { startTestServer, type TestServer } from '@indelible/testkit'
import { expect, test } from 'vitest'

const forwarded = {
  'x-forwarded-for': '198.51.100.66, 203.0.113.9',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'audit.example.com',
}

/** The link of WorkOS's portal, as a request with these headers gets it. */
async function linkFor(server: TestServer, headers: Record<string, string>): Promise<string> {
  const body = { intent: 'audit_logs', organization: 'acme' }
  await server.post('/v1/events', { action: 'a.b', actor: { id: 'u_1' }, tenant: 'acme' })
  const { json } = await server.post('/portal/generate_link', body, headers)
  return json.link
}

/** The address that `_system` has of a request with these headers. */
async function recordedIp(server: TestServer, headers: Record<string, string>): Promise<string> {
  const key = { name: 'k', scopes: ['read'], tenants: ['acme'] }
  expect((await server.post('/v1/keys', key, headers)).status).toBe(201)
  const { json } = await server.ask('/v1/events?tenant=_system&action=key.created')
  return json.entries[0].event.context.ip
}

test('a caller is believed nothing of where it came from (A-24)', async () => {
  await using server = await startTestServer()
  expect(await recordedIp(server, forwarded)).toBe('127.0.0.1')
  expect(await linkFor(server, forwarded)).toContain(`${server.url}/`)
})

test('a proxy elsewhere is believed nothing, whatever is trusted (A-24)', async () => {
  await using server = await startTestServer({ config: { trustedProxies: ['10.0.0.0/8'] } })
  expect(await recordedIp(server, forwarded)).toBe('127.0.0.1')
  expect(await linkFor(server, forwarded)).toContain(`${server.url}/`)
})

test('a trusted proxy says who asked, and how it was reached', async () => {
  await using server = await startTestServer({ config: { trustedProxies: ['loopback'] } })
  // What stands before the last address that is no trusted proxy's is the caller's own invention.
  expect(await recordedIp(server, forwarded)).toBe('203.0.113.9')
  const through = { 'x-forwarded-for': '203.0.113.10, 127.0.0.7' }
  expect(await recordedIp(server, through)).toBe('203.0.113.10')
  const noAddress = { 'x-forwarded-for': '"><script>, 127.0.0.7' }
  expect(await recordedIp(server, noAddress)).toBe('127.0.0.1')
  expect(await recordedIp(server, {})).toBe('127.0.0.1')
  expect(await linkFor(server, forwarded)).toContain('https://audit.example.com/')
})

test('failed log-ins behind a trusted proxy are counted by caller', async () => {
  await using server = await startTestServer({ config: { trustedProxies: ['loopback'] } })
  const logIn = (n: number, ip: string) =>
    server
      .post(
        '/v1/login',
        { username: `user${n}`, password: 'wrong' },
        { authorization: '', 'x-forwarded-for': ip },
      )
      .then(({ status }) => status)
  for (let n = 0; n < limits.loginFailuresPerAddressMax; n++) {
    expect(await logIn(n, '203.0.113.1')).toBe(401)
  }
  expect(await logIn(1, '203.0.113.1')).toBe(429)
  expect(await logIn(1, '203.0.113.2')).toBe(401)
})

test('proxies are addresses, ranges or names of ranges; everybody is none', () => {
  const read = (text: string) => readConfig({ INDELIBLE_TRUSTED_PROXIES: text }).trustedProxies
  expect(read('10.0.0.5, fd00::/8,loopback')).toEqual(['10.0.0.5', 'fd00::/8', 'loopback'])
  for (const wrong of [
    '2',
    'true',
    '*',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '10.0.0/8',
    'proxy.internal',
  ])
    expect(() => read(wrong), wrong).toThrow('- INDELIBLE_TRUSTED_PROXIES: ')
})

test('a service that others can reach without TLS says so, at the start and in /readyz (C-11)', async () => {
  const warned = (settings: Record<string, string>) =>
    readConfig({ INDELIBLE_HOST: '0.0.0.0', ...settings }).warnings
  expect(warned({})).toEqual([expect.stringContaining('in the clear')])
  expect(warned({ INDELIBLE_TRUSTED_PROXIES: '10.0.0.1' })).toEqual([])
  expect(warned({ INDELIBLE_HOST: 'localhost' })).toEqual([])
  await using server = await startTestServer({ config: { warnings: warned({}) } })
  expect((await server.ask('/readyz')).json.warnings).toEqual(warned({}))
})
