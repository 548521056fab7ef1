import { readFileSync } from 'node:fs'
import type { Problem, ProblemCode } from '@indelible/protocol'
import {
  sendRaw,
  startTestServer,
  type TestServer,
  testAdminPassword,
  testRootKey,
} from '@indelible/testkit'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { listAccessCases } from './bad-input/access.ts'
import { listAppendCases } from './bad-input/appends.ts'
import { type Case, type Fixture, statusOf } from './bad-input/case.ts'
import { listReadCases } from './bad-input/reads.ts'
import { listWireCases } from './bad-input/wire.ts'

/**
 * Whatever is sent: the right refusal, as a problem, and nothing is kept. The server is started
 * before the cases are listed, because many are made from its credentials.
 */
const server = await startTestServer()
const given = await prepare(server)
const sizesBefore = await readSizes()

afterAll(() => server[Symbol.asyncDispose]())
afterEach(async () => {
  expect(await readSizes()).toEqual(sizesBefore)
})

describe('an append that must be refused (J-02, J-03, J-05, J-06, J-07, J-12, J-13)', () => {
  const jsonVectors = readVectors('invalid-json').map(
    ({ name, text, hex, code }): Case => ({
      ...{ name: `vector ${name}`, path: '/v1/events', method: 'POST', code },
      headers: { 'content-type': 'application/json' },
      body: text ?? new Uint8Array(Buffer.from(hex ?? '', 'hex')),
    }),
  )
  const eventVectors = readVectors('invalid-event').map(
    ({ name, value, pointers }): Case => ({
      ...{ name: `vector ${name}`, path: '/v1/events', method: 'POST', code: 'event-invalid' },
      headers: { 'content-type': 'application/json' },
      // In a batch behind a good one: the pointers must name the second, and the first not be kept.
      body: JSON.stringify([{ action: 'a.b', actor: { id: 'u' } }, value]),
      pointers: pointers.map((pointer) => `/1${pointer}`),
    }),
  )
  test.each([...listAppendCases(given), ...jsonVectors, ...eventVectors])('$name', assertRefused)
})

describe('a request that must be refused', () => {
  test.each([...listReadCases(given), ...listAccessCases(given)])('$name', assertRefused)
})

describe('bytes that must be refused', () => {
  test.each(listWireCases(testRootKey))('$name', async ({ bytes, code, halfClose = false }) => {
    const answer = await sendRaw(server.url, bytes, { halfClose })
    assertProblem(answer, code)
  })
})

test('after all of it the server still appends and finds', async () => {
  const event = { action: 'still.here', actor: { id: 'u' }, id: 'after-all', tenant: 'last' }
  expect((await server.post('/v1/events', event)).status).toBe(201)
  const found = await server.ask('/v1/events?tenant=last&q=still')
  expect(found.json.entries).toHaveLength(1)
  sizesBefore.last = 1
})

/** Two tenants with entries, and a credential of every kind. */
async function prepare({ ask, post }: TestServer): Promise<Fixture> {
  const event = { action: 'a.b', actor: { id: 'u' } }
  await post('/v1/events', [{ ...event, id: 'taken' }, event, event])
  await post('/v1/events', [
    { ...event, tenant: 'acme' },
    { ...event, tenant: 'acme' },
  ])
  await post('/v1/events', { ...event, tenant: 'beta' })
  const makeKey = async (scopes: string[], tenants: string[]) =>
    (await post('/v1/keys', { name: 'k', scopes, tenants })).json
  const acmeKey = (await makeKey(['append', 'read', 'export'], ['acme'])).key
  const revoked = await makeKey(['read'], ['acme'])
  await ask(`/v1/keys/${revoked.id}`, { method: 'DELETE' })
  const login = { username: 'admin', password: testAdminPassword }
  const asAcme = { authorization: `Bearer ${acmeKey}` }
  const viewer = await post('/v1/tokens', { tenant: 'acme', filter: 'action:a.b' }, asAcme)
  return {
    acmeKey,
    twoTenantsKey: (await makeKey(['append', 'read'], ['acme', 'beta'])).key,
    appendKey: (await makeKey(['append'], ['acme'])).key,
    readKey: (await makeKey(['read'], ['acme'])).key,
    revokedKey: revoked.key,
    session: (await post('/v1/login', login)).json.token,
    viewerToken: viewer.json.token,
    cursor: (await ask('/v1/events?limit=1')).json.next,
  }
}

async function assertRefused({ path, as, method, headers, body, code, pointers }: Case) {
  const authorization = as === undefined ? {} : { authorization: as === '' ? '' : `Bearer ${as}` }
  const answer = await server.ask(path, {
    ...(method === undefined ? {} : { method }),
    ...(body === undefined ? {} : { body }),
    headers: { ...authorization, ...headers },
  })
  const problem = assertProblem({ ...answer, body: answer.text }, code)
  const found = problem.errors?.map(({ pointer }) => pointer) ?? []
  for (const pointer of pointers ?? []) expect(found).toContain(pointer)
}

function assertProblem(
  answer: { readonly status: number; readonly headers: Headers; readonly body: string },
  code: ProblemCode,
): Problem {
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  const problem: Problem = JSON.parse(answer.body)
  expect(problem).toMatchObject({ code, status: statusOf[code] })
  expect(answer.status).toBe(statusOf[code])
  expect(problem.type).toContain(code)
  expect(problem.title).not.toBe('')
  expect(problem.detail).not.toBe('')
  expect(answer.body).not.toMatch(/node_modules|at \w+ \(|SQLITE|\.ts:/)
  return problem
}

/** Sizes of all logs but our own, by tenant. */
async function readSizes(): Promise<Record<string, number>> {
  const { json } = await server.ask('/v1/logs')
  const logs: { tenant: string; size: number }[] = json.logs
  return Object.fromEntries(
    logs.filter(({ tenant }) => tenant !== '_system').map(({ tenant, size }) => [tenant, size]),
  )
}

interface Vector {
  readonly name: string
  readonly code: ProblemCode
  readonly text?: string
  readonly hex?: string
  readonly value?: unknown
  readonly pointers: readonly string[]
}

function readVectors(file: string): readonly Vector[] {
  const { cases } = JSON.parse(readFileSync(`vectors/events/${file}.json`, 'utf8'))
  // These two are in the future of the clock they were written for, not of this one.
  const ofOtherClock = ['time-six-minutes-ahead', 'time-ahead-by-its-offset']
  return cases.filter(({ name }: Vector) => !ofOtherClock.includes(name))
}
