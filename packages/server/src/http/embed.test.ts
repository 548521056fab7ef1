import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '@indelible/testkit'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp } from './app.ts'
import { registerEmbed } from './embed.ts'

let folder: ReturnType<typeof createTemporaryFolder>
beforeEach(() => {
  folder = createTemporaryFolder()
  mkdirSync(folder.path, { recursive: true })
})
afterEach(() => folder[Symbol.dispose]())

function build(): void {
  for (const [name, content] of Object.entries({
    'embed.html': '<!doctype html><title>Audit log</title>',
    'viewer.js': 'customElements',
    'viewer.js.gz': 'gzip',
  })) {
    writeFileSync(join(folder.path, name), content)
  }
}

/** The service with that page alone, and all that it writes down. */
async function start(origins: readonly string[] = []) {
  const lines: string[] = []
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  const app = createApp({ logger })
  registerEmbed(app, { folder: folder.path, origins })
  const get = (url: string, headers: Record<string, string> = {}) =>
    app.inject({ method: 'GET', url, headers })
  return { get, lines, [Symbol.asyncDispose]: () => app.close() }
}

test('the viewer stands in frames of our own origin and of those that are set, and of no other (S-09)', async () => {
  build()
  for (const [origins, expected] of [
    [[], "frame-ancestors 'self'"],
    [
      ['https://app.example.com', 'https://*.example.org'],
      "frame-ancestors 'self' https://app.example.com https://*.example.org",
    ],
  ] as const) {
    await using service = await start(origins)
    const { statusCode, headers, body } = await service.get('/embed')
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(body).toContain('<title>Audit log</title>')
    expect(String(headers['content-security-policy']).split('; ').at(-1)).toBe(expected)
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    )
    expect(headers['x-frame-options']).toBeUndefined()
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['x-content-type-options']).toBe('nosniff')
  }
})

test('a token in its address is written nowhere, however the request goes', async () => {
  build()
  await using service = await start()
  const secret = 'eyJ-a-secret-token'
  for (const path of ['/embed', '/embed/', '/embed/none', '/embed/viewer.js', '/embed%00']) {
    const { body, headers } = await service.get(`${path}?token=${secret}`)
    expect(body + JSON.stringify(headers), path).not.toContain(secret)
  }
  expect(service.lines.join('')).not.toContain(secret)
})

test('the element’s script is for every page, compressed where a browser takes it', async () => {
  build()
  await using service = await start()
  for (const encoding of ['identity', 'gzip']) {
    const { statusCode, headers } = await service.get('/embed/viewer.js', {
      'accept-encoding': encoding,
    })
    expect(statusCode).toBe(200)
    expect(headers['content-type']).toMatch(/^(text|application)\/javascript/)
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['cross-origin-resource-policy']).toBe('cross-origin')
  }
})

test('where it is not built, the page says how', async () => {
  await using service = await start()
  const { statusCode, body, headers } = await service.get('/embed')
  expect(statusCode).toBe(503)
  expect(body).toContain('npm run console')
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
})
