import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createClient } from '@indelible/client'
import { createTemporaryFolder, startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/how-to/web-frameworks.md'), 'utf8')
const shown = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code)
const folder = createTemporaryFolder()
const server = await startTestServer()
afterAll(async () => {
  folder[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

const run = promisify(execFile)
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const flags = '--ignoreConfig --strict --skipLibCheck --experimentalDecorators --types node'
const more = '--target esnext --module nodenext --exactOptionalPropertyTypes'
const compile = (...args: string[]) =>
  run(process.execPath, [tsc, ...flags.split(' '), ...more.split(' '), ...args], {
    cwd: folder.path,
  }).catch((error) => error)

const files = shown.map((_, at) => `shown-${at}.ts`)
beforeAll(() => {
  writeFileSync(join(folder.path, 'package.json'), '{"type":"module"}')
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'))
  for (const [at, code] of shown.entries()) {
    // Each is a module of its own, and starts a spool of its own.
    const text = code.replace('./audit.spool', join(folder.path, `${at}.spool`))
    writeFileSync(join(folder.path, `shown-${at}.ts`), text)
  }
})

test('what docs/how-to/web-frameworks.md shows compiles, each block by itself', async () => {
  expect(shown.length).toBeGreaterThan(5)
  const { stdout } = await compile('--noEmit', '--allowImportingTsExtensions', ...files)
  expect(stdout).toBe('')
})

async function findPort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  listener.close()
  await once(listener, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('A port is a number.')
  return address.port
}

/** Starts the application of a section, by Node, as a reader of the page would. */
async function start(name: string, tenant: string) {
  const at = shown.findIndex((code) => code.includes(`/${name}'`))
  // Decorators are no syntax of Node's.
  await compile('--noCheck', '--noResolve', '--isolatedModules', `shown-${at}.ts`)
  const port = await findPort()
  const { json: key } = await server.ask('/v1/keys', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, scopes: ['append'], tenants: [tenant] }),
  })
  const env = { PORT: `${port}`, INDELIBLE_URL: server.url, INDELIBLE_KEY: key.key }
  const application = spawn(process.execPath, [`shown-${at}.js`], {
    cwd: folder.path,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  })
  const url = `http://127.0.0.1:${port}`
  await expect
    .poll(() =>
      fetch(url).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(404)
  return {
    url,
    async [Symbol.asyncDispose]() {
      application.kill()
      await once(application, 'exit')
    },
  }
}

const [, example = ''] = /^```json\n(.*?)^```/ms.exec(page) ?? []
const sent = /-d '(.*)'/.exec(page)?.[1] ?? ''

describe.each(['express', 'fastify', 'hono', 'koa', 'nest'])('the application of %s', (name) => {
  test('puts on record what the page says', async () => {
    const tenant = `docs-${name}`
    await using application = await start(name, tenant)
    const { url } = application
    const headers = { 'x-user': 'u_1', 'content-type': 'application/json' }
    await fetch(`${url}/shops/7/items`, { method: 'POST', headers, body: sent })
    const paid = await fetch(`${url}/pay`, { method: 'POST', headers, body: '{}' })
    expect(paid.ok).toBe(true)
    await using reader = createClient({ url: server.url, key: testRootKey, tenant })
    const find = async (action: string) => (await reader.search({ action })).entries
    await expect.poll(async () => (await find('invoice.paid')).length).toBe(1)
    const [attempted] = await find('invoice.paid.attempted')
    expect(attempted?.event).toMatchObject({ actor: { id: 'u_1' }, outcome: 'unknown' })
    const [made] = await find('shops.items.create')
    const told = JSON.parse(example)
    const { payload, ...data } = told.data
    expect(made?.event).toEqual({
      ...told,
      tenant,
      time: expect.any(String),
      id: expect.any(String),
      context: { ...told.context, agent: 'node', request: expect.any(String) },
      // Koa has a body where a parser was added.
      data: {
        ...data,
        duration: expect.any(Number),
        ...(name === 'koa' ? {} : { payload }),
      },
    })
  })
})
