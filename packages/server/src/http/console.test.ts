import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '@indelible/testkit'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp } from './app.ts'
import { registerConsole } from './console.ts'

let folder: ReturnType<typeof createTemporaryFolder>
let app: ReturnType<typeof createApp>
beforeEach(async () => {
  folder = createTemporaryFolder()
  build()
  app = createApp({ logger: pino({ level: 'silent' }) })
  registerConsole(app, { folder: folder.path })
})
afterEach(async () => {
  await app.close()
  folder[Symbol.dispose]()
})

/** As much of a built console as the server looks at. */
function build(): void {
  mkdirSync(join(folder.path, 'assets'), { recursive: true })
  for (const [name, content] of Object.entries({
    'index.html': '<!doctype html><title>Indelible</title>',
    'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'licences.json': '[]',
    'assets/main-a1b2c3d4.js': 'console.log(1)',
    'assets/main-a1b2c3d4.js.br': 'brotli',
    'assets/main-a1b2c3d4.js.gz': 'gzip',
  })) {
    writeFileSync(join(folder.path, name), content)
  }
}

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const get = (url: string, headers: Record<string, string> = browser) =>
  app.inject({ method: 'GET', url, headers })

test('one page answers for every path of the console, and is asked for anew each time', async () => {
  for (const path of ['/console', '/console/', '/console/events', '/console/events/e.1?q=a']) {
    const { statusCode, headers, body } = await get(path)
    expect([path, statusCode, headers['content-type']]).toEqual([
      ...[path, 200],
      'text/html; charset=utf-8',
    ])
    expect(body).toContain('<title>Indelible</title>')
    expect(headers['cache-control']).toBe('no-cache')
    expect(headers.etag).toBeDefined()
  }
})

test('the page may run scripts of our own only, inline none, and stand in no frame (S-09, X-09)', async () => {
  for (const path of ['/console', '/console/favicon.svg', '/console/assets/main-a1b2c3d4.js']) {
    const { headers } = await get(path)
    expect(headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
        "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; " +
        "frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    })
  }
})

test('assets are kept for good, and sent as small as the browser takes them', async () => {
  const path = '/console/assets/main-a1b2c3d4.js'
  const plain = await get(path, {})
  expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(plain.headers['content-type']).toMatch(/^(text|application)\/javascript/)
  expect(plain.body).toBe('console.log(1)')
  const small = await get(path, { 'accept-encoding': 'gzip, br' })
  expect(small.headers['content-encoding']).toBe('br')
  expect(small.headers['content-type']).toMatch(/^(text|application)\/javascript/)
  expect(small.headers.vary).toMatch(/accept-encoding/i)
  expect((await get(path, { 'accept-encoding': 'gzip' })).body).toBe('gzip')
  expect((await get(path, { 'accept-encoding': 'br;q=0, GZIP;q=0.5' })).body).toBe('gzip')
  expect((await get(path, { 'accept-encoding': 'br;q=0.0, identity' })).body).toBe('console.log(1)')
})

test('what the browser has already is not sent again, until it changes', async () => {
  const page = await get('/console')
  const etag = String(page.headers.etag)
  const again = await get('/console', { 'if-none-match': `"other", W/${etag}` })
  expect([again.statusCode, again.body]).toEqual([304, ''])
  expect(again.headers).toMatchObject({ etag, 'cache-control': 'no-cache' })
  expect(again.headers['content-security-policy']).toBe(page.headers['content-security-policy'])
  writeFileSync(join(folder.path, 'index.html'), '<!doctype html><title>Indelibly</title>')
  const changed = await get('/console', { 'if-none-match': etag })
  expect([changed.statusCode, changed.headers.etag === etag]).toEqual([200, false])
})

test('each encoding has an ETag of its own', async () => {
  const tags = ['br', 'gzip', 'identity'].map(async (encoding) => {
    const path = '/console/assets/main-a1b2c3d4.js'
    return (await get(path, { 'accept-encoding': encoding })).headers.etag
  })
  expect(new Set(await Promise.all(tags)).size).toBe(3)
})

test('an asset that is not there is a problem, not the page; nor is anything outside the folder (C-01)', async () => {
  writeFileSync(join(folder.path, '../outside.svg'), 'secret')
  for (const path of [
    'assets/old-00000000.js',
    'assets/',
    'assets/%2e%2e/%2e%2e/outside.svg',
    'assets/..%2f..%2foutside.svg',
    'assets/..%5c..%5coutside.svg',
    'assets/main-a1b2c3d4.js%00.svg',
    'assets/.%2fmain-a1b2c3d4.js',
    'assets/main-a1b2c3d4.js.br',
    'missing.svg',
    `assets/${'a'.repeat(1_000)}.js`,
    `assets/${'a/'.repeat(4_000)}a.js`,
  ]) {
    const { statusCode, headers, body } = await get(`/console/${path}`)
    expect([path, statusCode >= 400 && statusCode < 500]).toEqual([path, true])
    expect(headers['content-type']).toContain('application/problem+json')
    expect(headers['cache-control']).toBe('no-store')
    expect(body).not.toContain('secret')
  }
  rmSync(join(folder.path, '../outside.svg'))
})

test('the root leads a browser to the console, and a program to the API’s description', async () => {
  const locate = async (accept: string) => {
    const { statusCode, headers } = await get('/', { accept })
    return [statusCode, headers.location, headers.vary]
  }
  expect(await locate(browser.accept)).toEqual([302, '/console', 'accept'])
  expect(await locate('application/json')).toEqual([302, '/docs', 'accept'])
  expect(await locate('*/*')).toEqual([302, '/docs', 'accept'])
})

test('where the console is not built, its page says how, and is gone once it is', async () => {
  rmSync(folder.path, { recursive: true })
  const { statusCode, headers, body } = await get('/console/events')
  expect(statusCode).toBe(503)
  expect(headers['content-type']).toContain('text/html')
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
  expect(body).toContain('npm run console')
  build()
  expect((await get('/console/events')).statusCode).toBe(200)
})
