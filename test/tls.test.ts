import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, type TLSSocket } from 'node:tls'
import { readConfig } from '@indelible/server'
import {
  createTemporaryFolder,
  startTestServer,
  testAdminPassword,
  testRootKey,
} from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { runCaptured } from '../packages/cli/src/testing/run-captured.ts'
import { createCertificate } from '../packages/server/src/http/certificate.ts'
import { createAuthority } from './queues/certificates.ts'

const temporary = createTemporaryFolder()
afterAll(() => temporary[Symbol.dispose]())
const authority = createAuthority(temporary.path, 'ours')
const [first, second] = [authority.issue('first'), authority.issue('second')]

/** Files of a certificate in use, which can be written over. */
function installPair(name: string) {
  const files = {
    certFile: join(temporary.path, `${name}.crt`),
    keyFile: join(temporary.path, `${name}.tls.key`),
  }
  const install = ({ cert, key }: typeof first) => {
    copyFileSync(cert, files.certFile)
    copyFileSync(key, files.keyFile)
  }
  install(first)
  return { files, install }
}

interface Asked {
  readonly agent?: Agent
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One request over TLS, which trusts our authority alone. */
async function ask(url: string, { body, ...options }: Asked = {}) {
  const sent = request(url, { ca: authority.text, ...options })
  const answered = new Promise<{ status: number; headers: object; text: string; name: string }>(
    (resolve, reject) => {
      sent.once('error', reject)
      sent.once('response', async (response) => {
        // Empty where the session was resumed; https alone, so a TLS socket.
        const peer: { subject?: { CN?: unknown } } = (
          response.socket as TLSSocket
        ).getPeerCertificate()
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, text: await text(response), name: String(peer.subject?.CN) })
      })
    },
  )
  sent.end(body)
  return answered
}

test('with a certificate the service speaks HTTPS alone, binds the cookie and says when it ends', async () => {
  const { files } = installPair('service')
  await using server = await startTestServer({ config: { tls: files } })
  expect(server.url).toMatch(/^https:/)
  const authorization = `Bearer ${testRootKey}`
  const event = JSON.stringify({ action: 'a.b', actor: { id: 'u_1' } })
  const headers = { authorization, 'content-type': 'application/json' }
  const appended = await ask(`${server.url}/v1/events`, { method: 'POST', headers, body: event })
  expect(appended.status).toBe(201)

  const ready = JSON.parse((await ask(`${server.url}/readyz`)).text)
  expect(ready.tls).toEqual({ certificateExpires: expect.any(String), fault: null })
  expect(Date.parse(ready.tls.certificateExpires)).toBeGreaterThan(Date.now())

  const metrics = (await ask(`${server.url}/metrics`)).text
  const name = 'indelible_tls_certificate_expiry_timestamp_seconds'
  const ends = Number(new RegExp(`^${name} (.*)$`, 'm').exec(metrics)?.[1])
  expect(ends * 1_000).toBe(Date.parse(ready.tls.certificateExpires))

  // A program, or whoever stands between, may claim that the page came without TLS.
  const origin = server.url.replace('https:', 'http:')
  const logIn = (sent: object) =>
    ask(`${server.url}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'indelible-console': '1', ...sent },
      body: JSON.stringify({ username: 'admin', password: testAdminPassword, cookie: true }),
    })
  expect((await logIn({ origin })).status).toBe(403)
  const { headers: answered } = await logIn({ origin, 'sec-fetch-site': 'same-origin' })
  expect(JSON.stringify(answered)).toMatch(/__Host-indelible=[^"]*Secure/)
  await expect(fetch(`${origin}/healthz`)).rejects.toThrow()
})

test('browsers are told to come by TLS alone where that is asked for, on whatever answer', async () => {
  const { files } = installPair('strict')
  const strict = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
  await using server = await startTestServer({ config: { tls: files, hsts: true } })
  for (const path of ['/console', '/v1/events', '/nothing', '/%zz']) {
    expect((await ask(server.url + path)).headers, path).toMatchObject(strict)
  }
  await using unasked = await startTestServer({ config: { tls: files } })
  expect((await ask(`${unasked.url}/console`)).headers).not.toHaveProperty(
    'strict-transport-security',
  )
  // Without TLS it would mean nothing, unless a proxy that is trusted has it.
  await using plain = await startTestServer({
    config: { hsts: true, trustedProxies: ['loopback'] },
  })
  const direct = await fetch(`${plain.url}/healthz`)
  expect(direct.headers.get('strict-transport-security')).toBeNull()
  const headers = { 'x-forwarded-proto': 'https' }
  const proxied = await fetch(`${plain.url}/healthz`, { headers })
  expect(proxied.headers.get('strict-transport-security')).toContain('max-age')
})

test('the command line says that it does not trust a certificate, not that nothing answers (F-09)', async () => {
  const { files } = installPair('untrusted')
  await using server = await startTestServer({ config: { tls: files } })
  const words = ['search', '--url', server.url, '--key', testRootKey]
  const { code, stderr } = await runCaptured(words)
  expect(code).toBe(3)
  expect(stderr).toMatch(
    /^The certificate of https:\S+ is not trusted \(\w+\)\. NODE_EXTRA_CA_CERTS /,
  )
})

test('nothing older than TLS 1.2 is spoken, and in it no cipher that only encrypts', async () => {
  const { files } = installPair('versions')
  await using server = await startTestServer({ config: { tls: files } })
  const { port } = new URL(server.url)
  const shake = (version: 'TLSv1.1' | 'TLSv1.2', ciphers: string) =>
    new Promise((resolve) => {
      const socket = connect({
        ...{ host: '127.0.0.1', port: Number(port), ca: authority.text },
        ...{ minVersion: version, maxVersion: version, ciphers: `${ciphers}:@SECLEVEL=0` },
      })
      socket.once('error', () => resolve(undefined))
      socket.once('secureConnect', () => {
        resolve(`${socket.getProtocol()} ${socket.getCipher().name}`)
        socket.destroy()
      })
    })
  expect(await shake('TLSv1.1', 'DEFAULT')).toBeUndefined()
  expect(await shake('TLSv1.2', 'DEFAULT')).toMatch(/^TLSv1.2 ECDHE-\w+-AES256-GCM-SHA384$/)
  // Node itself would take them with this certificate.
  for (const weak of ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384']) {
    expect(await shake('TLSv1.2', weak), weak).toBeUndefined()
  }
})

test('a renewed certificate is taken under load without a failed request; a half-written one is not', async () => {
  const { files, install } = installPair('renewed')
  const faults: string[] = []
  const renewals: number[] = []
  using certificate = createCertificate({
    files,
    onFault: (fault) => faults.push(fault),
    onRenewal: ({ expires }) => renewals.push(expires),
  })
  const server = certificate.createServer({}, (_, response) => response.end('fine'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await using _ = {
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  const address = server.address()
  const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
  const ofNewConnection = () =>
    ask(url, { agent: new Agent({ maxCachedSessions: 0 }) }).then(({ name }) => name)

  let isOver = false
  const answers: string[] = []
  const hammer = async (agent: Agent): Promise<void> => {
    while (!isOver) answers.push((await ask(url, { agent })).text)
    agent.destroy()
  }
  const load = Promise.all([
    hammer(new Agent({ keepAlive: true, maxSockets: 1 })),
    hammer(new Agent({ keepAlive: true, maxSockets: 1 })),
    hammer(new Agent()),
  ])
  expect(await ofNewConnection()).toBe('first')

  writeFileSync(files.certFile, readFileSync(second.cert).subarray(0, 300))
  certificate.renew()
  certificate.renew()
  expect(await ofNewConnection()).toBe('first')
  copyFileSync(second.cert, files.certFile)
  certificate.renew()
  expect(certificate.state().fault).toContain('is not that of the certificate')
  expect(await ofNewConnection()).toBe('first')
  expect(faults).toHaveLength(2)
  expect(renewals).toEqual([])

  install(second)
  certificate.renew()
  certificate.renew()
  expect(await ofNewConnection()).toBe('second')
  expect(certificate.state().fault).toBeUndefined()
  expect(renewals).toHaveLength(1)

  const before = answers.length
  await expect.poll(() => answers.length).toBeGreaterThan(before + 20)
  isOver = true
  await load
  expect(new Set(answers)).toEqual(new Set(['fine']))
})

test('files that are no pair are named at the start, and nothing of the key is told', () => {
  const said = (certFile: string, keyFile?: string): string => {
    try {
      readConfig({
        INDELIBLE_TLS_CERT_FILE: certFile,
        ...(keyFile === undefined ? {} : { INDELIBLE_TLS_KEY_FILE: keyFile }),
      })
      return ''
    } catch (error) {
      return String(error)
    }
  }
  expect(said(first.cert, first.key)).toBe('')
  expect(said(first.cert)).toContain('- INDELIBLE_TLS_KEY_FILE: together with')
  expect(said(first.cert, second.key)).toContain('is not that of the certificate')
  expect(said(first.key, first.key)).toContain('has no certificate in PEM')
  expect(said(first.cert, first.cert)).toContain('has no private key in PEM')
  expect(said('/nonexistent', first.key)).toContain('- INDELIBLE_TLS_CERT_FILE: ENOENT')
  expect(said(first.key, second.key)).not.toContain('PRIVATE')
})
