import { startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** The collection, filled in as a person would, and every request of it sent. */
interface Item {
  readonly name: string
  readonly request: {
    readonly method: string
    readonly auth?: { readonly type: string }
    readonly header: readonly { readonly key: string; readonly value: string }[]
    readonly body?: { readonly raw: string }
    readonly url: {
      readonly raw: string
      readonly variable: readonly { readonly key: string; readonly value: string }[]
    }
  }
}

const server = await startTestServer()
const { json: collection } = await server.ask('/docs/postman.json', {
  headers: { authorization: '' },
})
const { json: document } = await server.ask('/openapi.json')
const items: Item[] = collection.item.flatMap(({ item }: { item: Item[] }) => item)
const variables = new Map<string, string>(
  collection.variable.map(({ key, value }: { key: string; value: string }) => [key, value]),
)
afterAll(() => server[Symbol.asyncDispose]())

beforeAll(async () => {
  // What the examples speak of; the first event is there twice, so a log has something to prove.
  const { content } = document.paths['/v1/events'].post.requestBody
  const example = content['application/json'].example
  await server.post('/v1/events', [example, { ...example, id: 'e-2' }])
})

const fillIn = (text: string): string =>
  text.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => variables.get(name) ?? '')

async function send({ request }: Item) {
  const { method, header, body, url } = request
  const path = url.variable.reduce(
    (text, { key, value }) => text.replace(`:${key}`, value),
    fillIn(url.raw),
  )
  const headers = Object.fromEntries(header.map(({ key, value }) => [key, fillIn(value)]))
  // A stream has no end: its head is enough.
  const asked = new AbortController()
  const answer = await fetch(path, {
    method,
    signal: asked.signal,
    headers: request.auth?.type === 'noauth' ? headers : { ...headers, authorization },
    ...(body === undefined ? {} : { body: fillIn(body.raw) }),
  })
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = isStream ? '' : await answer.text()
  asked.abort()
  return { status: answer.status, text }
}
const authorization = `Bearer ${testRootKey}`

test('it has every operation of the API once, with what it says of itself', () => {
  const named = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { summary: string }>).map(
      ([method, { summary }]) => `${method.toUpperCase()} ${path} ${summary}`,
    ),
  )
  const shown = items.map(({ name, request }) => {
    const [path = ''] = request.url.raw.replace('{{baseUrl}}', '').split('?')
    return `${request.method} ${path.replaceAll(/:(\w+)/g, '{$1}')} ${name}`
  })
  expect(shown.sort()).toEqual(named.sort())
  expect(collection.info.schema).toContain('/collection/v2.1.0/')
})

test('it names the service that it came from, and holds no secret', () => {
  expect(variables.get('baseUrl')).toBe(server.url)
  expect(variables.get('key')).toBe('')
  expect(collection.auth.bearer).toEqual([{ key: 'token', value: '{{key}}', type: 'string' }])
  expect(JSON.stringify(collection)).not.toContain(testRootKey)
})

// What a root key has no use for, and what is not there on a service as young as this one.
const refused: Readonly<Record<string, string>> = {
  'Log out': 'request-invalid',
  'Change your own password': 'scope-insufficient',
  Tile: 'resource-unknown',
  'Revoke an API key': 'resource-unknown',
  'Switch a built-in rule off or on': 'resource-unknown',
  'Read a schema': 'resource-unknown',
  'Try an event on a schema': 'resource-unknown',
}

test.each(items.map((item) => [item.request.method, item.name, item] as const))(
  '%s, "%s": its example is taken as it stands',
  async (_, name, item) => {
    const { status, text } = await send(item)
    expect(status < 400 ? undefined : JSON.parse(text).code, text).toBe(refused[name])
  },
)
