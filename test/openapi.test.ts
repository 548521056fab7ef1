import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { startTestServer } from '@indelible/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { buildConsole } from './console/open-console.ts'

/** The document that programs and people read, held against the routes that there are. */
const registered: string[] = []
const server = await startListening()
const { json: document } = await server.ask('/openapi.json', { headers: { authorization: '' } })
const operations = listOperations()
afterAll(() => server[Symbol.asyncDispose]())

interface Media {
  readonly schema?: Schema
  readonly example?: unknown
}
interface Schema {
  readonly type?: string | readonly string[]
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly 'x-problem-codes'?: readonly string[]
}
interface Operation {
  readonly route: string
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly object[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<
    Record<string, { readonly description?: string; readonly content?: Record<string, Media> }>
  >
}

/** Fastify announces each application it makes: so the test learns of every route. */
async function startListening() {
  const listen = (message: unknown) => {
    const { fastify } = message as { fastify: { addHook(name: string, hook: unknown): void } } // its docs
    fastify.addHook(
      'onRoute',
      (route: { method: string | string[]; url: string; schema?: { hide?: boolean } }) => {
        if (route.schema?.hide === true) return
        for (const method of [route.method].flat()) registered.push(`${method} ${route.url}`)
      },
    )
  }
  subscribe('fastify.initialization', listen)
  const started = await startTestServer()
  unsubscribe('fastify.initialization', listen)
  return started
}

function listOperations(): Operation[] {
  const paths: Record<string, Record<string, Omit<Operation, 'route'>>> = document.paths
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      route: `${method.toUpperCase()} ${path}`,
    })),
  )
}

describe('the document', () => {
  test('is OpenAPI 3.1 with a title, a version and tags that are all used', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/)
    expect(document.info).toMatchObject({ title: 'Indelible', version: expect.any(String) })
    const declared = document.tags.map(({ name }: { name: string }) => name)
    expect(new Set(operations.flatMap(({ tags = [] }) => tags))).toEqual(new Set(declared))
  })

  test('has every route that is registered, and no other (C-08)', () => {
    const routes = registered
      .filter((route) => !route.startsWith('HEAD '))
      .map((route) => route.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{path}'))
    expect(routes.length).toBeGreaterThan(20)
    expect(operations.map(({ route }) => route).sort()).toEqual(routes.sort())
  })

  test('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, ref = '']) => ref,
    )
    expect(references.length).toBeGreaterThan(20)
    for (const reference of new Set(references)) {
      const target = reference
        .replace('#/', '')
        .split('/')
        .reduce((at, name) => at?.[name], document)
      expect(target, reference).toBeDefined()
    }
  })

  test('names every operation once', () => {
    const ids = operations.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(operations.length)
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/)
  })
})

describe.each(operations)('$route', (operation) => {
  test('says what it does, for whom, with typed parameters', () => {
    expect(operation.summary).toMatch(/^[A-Z].*[^.]$/)
    expect(operation.tags).toHaveLength(1)
    expect(Array.isArray(operation.security)).toBe(true)
    const parameters = operation.parameters ?? []
    for (const { name, schema } of parameters) expect(schema.type, name).toBeDefined()
    const inPath = parameters.filter((parameter) => parameter.in === 'path')
    const named = [...operation.route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    expect(inPath.map(({ name }) => name).sort()).toEqual(named.sort())
    expect(inPath.every(({ required }) => required === true)).toBe(true)
  })

  test('shows a request and an answer that are as it says', () => {
    for (const media of Object.values(operation.requestBody?.content ?? {})) assertExample(media)
    const answers = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'))
    expect(answers.length).toBeGreaterThan(0)
    for (const [status, { content = {} }] of answers) {
      expect(Object.keys(content).length > 0).toBe(status !== '204')
      for (const media of Object.values(content)) assertExample(media)
    }
  })

  test('lists its problems by status, as problem details', () => {
    const isOpen = operation.security?.length === 0
    const problems = Object.entries(operation.responses).filter(([, { content = {} }]) =>
      Object.hasOwn(content, 'application/problem+json'),
    )
    const codes = problems.flatMap(([, { content, description }]) => {
      expect(description).not.toBe('')
      return content?.['application/problem+json']?.schema?.['x-problem-codes'] ?? []
    })
    expect(codes).toContain('internal')
    expect(codes.includes('scope-insufficient')).toBe(!isOpen)
    const refused = Object.keys(operation.responses).filter((status) => Number(status) >= 400)
    // Readiness answers 503 with its figures, which is no problem of the request's.
    const own = operation.route === 'GET /readyz' ? ['503'] : []
    expect(problems.map(([status]) => status).sort()).toEqual(
      refused.filter((status) => !own.includes(status)).sort(),
    )
  })
})

/** As far as a schema of ours goes at its top: type, required and known members. */
function assertExample({ schema = {}, example }: Media): void {
  expect(example).toBeDefined()
  if (schema.type === 'string') expect(typeof example).toBe('string')
  if (schema.type !== 'object') return
  const members = Object.keys(example as object)
  expect(members).toEqual(expect.arrayContaining([...(schema.required ?? [])]))
  if (schema.properties === undefined) return
  for (const member of members) {
    if (Object.keys(schema.properties).length > 1) expect(schema.properties).toHaveProperty(member)
  }
}

test('an event from the examples is taken as it stands', async () => {
  const { content } = document.paths['/v1/events'].post.requestBody
  const first = await server.post('/v1/events', content['application/json'].example)
  expect(first.status).toBe(201)
  const headers = { 'content-type': 'application/x-ndjson' }
  const body = content['application/x-ndjson'].example
  expect((await server.ask('/v1/events', { method: 'POST', headers, body })).status).toBe(200)
})

test('the page loads nothing but its own assets, under a policy that lets it load nothing else', async () => {
  buildConsole()
  const open = { headers: { authorization: '' } }
  const page = await server.ask('/docs', open)
  expect(page.status).toBe(200)
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:|upgrade-insecure/)
  const assets = [...page.text.matchAll(/<(?:script|link)[^>]*(?:src|href)="([^"]+)"/g)]
  expect(assets.length).toBeGreaterThan(2)
  for (const [, asset = ''] of assets) {
    expect(asset).toMatch(/^\/console\/[^/]/)
    const answer = await server.ask(asset, open)
    expect(answer.status, asset).toBe(200)
    expect(answer.text.length).toBeGreaterThan(0)
  }
  expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)/)
})
