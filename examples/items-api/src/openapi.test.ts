import { startTestServer } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { startApp } from './testing/start-app.ts'

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly object[]
  readonly responses: Readonly<Record<string, { readonly description?: string; content?: object }>>
}

const indelible = await startTestServer()
const app = await startApp({ indelible, tenant: 'openapi' })
const { json: document } = await app.ask('/docs/json')
const operations = Object.entries(
  document.paths as Record<string, Record<string, Operation>>, // its shape is what is tested
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    route: `${method.toUpperCase()} ${path}`,
  })),
)
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await indelible[Symbol.asyncDispose]()
})

test('the document is OpenAPI 3.1 and has every route', () => {
  expect(document.openapi).toBe('3.1.0')
  expect(document.info).toMatchObject({ title: 'Items', version: expect.any(String) })
  expect(operations.map(({ route }) => route).toSorted()).toEqual([
    'GET /audit',
    'GET /healthz',
    'GET /items/',
    'GET /items/{id}',
    'POST /items/',
    'POST /login',
    'POST /users',
  ])
})

test('each operation has a name of its own, a summary, and answers with a description', () => {
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
  const declared = document.tags.map(({ name }: { name: string }) => name)
  for (const { route, summary, tags = [], responses } of operations) {
    expect([route, summary]).toEqual([route, expect.stringMatching(/\w/)])
    expect(tags.every((tag) => declared.includes(tag))).toBe(true)
    for (const { description } of Object.values(responses)) {
      expect([route, description]).toEqual([route, expect.stringMatching(/^(?!Default)\w/)])
    }
  }
})

test('every error has the one shape, and every reference leads somewhere', () => {
  for (const { responses } of operations) {
    for (const [status, { content }] of Object.entries(responses)) {
      if (Number(status) < 400) continue
      const schema = { $ref: '#/components/schemas/Problem' }
      expect(content).toEqual({ 'application/problem+json': { schema } })
    }
  }
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)]
  expect(references.length).toBeGreaterThan(0)
  for (const [, path = ''] of references) {
    let at = document
    for (const step of path.split('/')) at = at[step]
    expect(at).toMatchObject({ type: 'object' })
  }
})

test('what needs a token says so, and "Authorize" takes one', async () => {
  expect(document.components.securitySchemes).toEqual({
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  })
  for (const { route, security, responses } of operations) {
    const [method, path = ''] = route.split(' ')
    const { status } = await app.ask(path.replace('{id}', '1'), {
      method: method ?? '',
      ...(method === 'POST' ? { body: {} } : {}),
    })
    expect([route, security !== undefined]).toEqual([route, status === 401])
    expect(Object.keys(responses)).toContain(String(status))
  }
})

test.each(['/docs', '/docs/'])('the page %s is served, and all that it loads', async (page) => {
  const { status, json: html } = await app.ask(page)
  expect(status).toBe(200)
  const loaded = [...html.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, name]) => name)
  expect(loaded.length).toBeGreaterThan(3)
  for (const name of loaded) {
    const { pathname } = new URL(name, `${app.url}${page}`)
    expect([name, (await app.ask(pathname)).status]).toEqual([name, 200])
  }
})
