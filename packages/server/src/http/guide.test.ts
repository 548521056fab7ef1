import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createTemporaryFolder } from '@indelible/testkit'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp } from './app.ts'
import { registerGuide } from './guide.ts'

let folder: ReturnType<typeof createTemporaryFolder>
let app: ReturnType<typeof createApp>
beforeEach(() => {
  folder = createTemporaryFolder()
  for (const name of ['index.html', '404.html', 'how-to/console.html', 'assets/a.md.Ab12.js']) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true })
    writeFileSync(join(folder.path, name), name)
  }
  app = createApp({ logger: pino({ level: 'silent' }) })
  registerGuide(app, { folder: folder.path })
})
afterEach(async () => {
  await app.close()
  folder[Symbol.dispose]()
})

const get = (path: string) => app.inject({ method: 'GET', url: `/docs/guide${path}` })

test('each page has an address without an ending, and each file its own', async () => {
  for (const [path, file] of [
    ['/', 'index.html'],
    ['/how-to/console', 'how-to/console.html'],
    ['/assets/a.md.Ab12.js', 'assets/a.md.Ab12.js'],
  ] as const) {
    const { statusCode, body, headers } = await get(path)
    expect([statusCode, body]).toEqual([200, file])
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(headers['x-frame-options']).toBe('DENY')
  }
  expect((await get('')).headers.location).toBe('/docs/guide/')
})

test('what is not there is a page for people, or a problem for what loads files', async () => {
  const page = await get('/how-to/none')
  expect([page.statusCode, page.body]).toEqual([404, '404.html'])
  const file = await get('/assets/none.js')
  expect(file.statusCode).toBe(404)
  expect(file.headers['content-type']).toContain('application/problem+json')
  for (const path of ['/..%2f..%2fetc%2fpasswd', '/%2e%2e/index', '/how-to%5cconsole', '/.git']) {
    expect((await get(path)).statusCode, path).toBe(404)
  }
})

test('where the documents are not built, the page says how', async () => {
  rmSync(folder.path, { recursive: true })
  const { statusCode, body } = await get('/')
  expect(statusCode).toBe(503)
  expect(body).toContain('npm run guide')
  mkdirSync(folder.path)
})
