import { execFile, execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTemporaryFolder, startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import manifest from '../packages/client/package.json' with { type: 'json' }
import { createClone, installTarball } from './packing/clone.ts'

const root = join(import.meta.dirname, '..')
const temporary = createTemporaryFolder()
const folder = temporary.path
/** An application with nothing but the client, and one with every framework's declarations. */
const [bare, typed] = [join(folder, 'bare'), join(folder, 'typed')]
let installed = ''
afterAll(() => temporary[Symbol.dispose]())

beforeAll(() => {
  const clone = join(folder, 'clone')
  createClone(clone)
  execFileSync('npm', ['pack', '--silent', '-w', manifest.name], { cwd: clone })
  const tarball = join(clone, `indelible-client-${manifest.version}.tgz`)
  for (const application of [bare, typed]) {
    installed = installTarball(tarball, application)
    writeFileSync(join(application, 'package.json'), JSON.stringify({ type: 'module' }))
  }
  for (const name of readdirSync(join(root, 'node_modules'))) {
    const link = join(typed, 'node_modules', name)
    if (name !== '@indelible') symlinkSync(join(root, 'node_modules', name), link)
  }
  const packed = join(clone, 'packages/client')
  expect(readdirSync(packed)).toEqual(['README.md', 'package.json', 'src'])
  expect(JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8'))).toEqual(manifest)
})

const specifiers = Object.keys(manifest.exports).map((path) => `${manifest.name}${path.slice(1)}`)

/** What runs the tests is recent; the Node at hand may be the oldest that the client runs on. */
const nodes = ['node', process.execPath]

/** @returns what an application of this text prints, run on a Node */
async function run(node: string, text: string, ...args: readonly string[]): Promise<unknown> {
  writeFileSync(join(bare, 'app.js'), text)
  // Not the synchronous one: the service is in this process.
  const { stdout } = await promisify(execFile)(node, ['app.js', ...args], { cwd: bare })
  return JSON.parse(stdout)
}

test('the tarball is what runs, what it promises and its licence, and asks for nothing', () => {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
  const names = files.filter((file) => file.isFile()).map(({ name }) => name)
  expect(names.filter((name) => !/\.(js|d\.ts)$/.test(name)).sort()).toEqual([
    'LICENSE',
    'README.md',
    'package.json',
  ])
  expect(names.filter((name) => /test/.test(name))).toEqual([])
  const packed = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  const { dependencies, devDependencies, scripts, peerDependencies, peerDependenciesMeta } = packed
  expect([dependencies, devDependencies, scripts]).toEqual([undefined, undefined, undefined])
  // Named for those who keep packages apart, and forced upon nobody.
  const optional = Object.keys(peerDependencies).map((name) => [name, { optional: true }])
  expect(optional.length).toBeGreaterThan(4)
  expect(peerDependenciesMeta).toEqual(Object.fromEntries(optional))
})

test.each(nodes)(
  'every subpath loads where no framework is, by import and, where Node can, by require: %s',
  async (node) => {
    const load = `const names = ${JSON.stringify(specifiers)}
    const imported = await Promise.all(names.map((name) => import(name)))
    const { createRequire } = await import('node:module')
    const required = process.features.require_module
      ? names.map((name) => createRequire(import.meta.url)(name))
      : imported
    const own = ({ module, default: _, __esModule, ...members }) => Object.keys(members)
    console.log(JSON.stringify([imported.map(own), required.map(own)]))`
    const frameworks = ['auditRoute', 'auditTrail']
    const expected = [
      ['ClientError', 'createClient', 'describeChange'],
      frameworks,
      ['auditTrail'],
      ...[frameworks, frameworks, frameworks],
      ...[['createOutbox'], ['createOutbox']],
    ]
    expect(await run(node, load)).toEqual([expected, expected])
  },
)

test.each(nodes)('it appends, records, reads and verifies: %s', async (node) => {
  await using server = await startTestServer()
  const answer = await run(
    node,
    `import { createClient, ClientError } from '@indelible/client'
    const [url, key] = process.argv.slice(2)
    const client = createClient({ url, key, tenant: 'packed', spool: 'app.spool' })
    const { id } = await client.run({ actor: { id: 'u_1' } }, () => client.append({ action: 'a' }))
    client.record({ action: 'b', actor: { id: 'u_1' } })
    await client.flush()
    const receipt = await client.receipt(id)
    const refusal = await client.verifyReceipt(receipt, []).catch(({ code }) => code)
    const { entries } = await client.search()
    console.log(JSON.stringify({ refusal, entries: entries.length, closed: await client.close() }))`,
    server.url,
    testRootKey,
  )
  const closed = { undelivered: 0 }
  expect(answer).toEqual({ refusal: 'key-unknown', entries: 2, closed })
})

test('it appends where there is nothing of Node, and says what it can not do there', async () => {
  await using server = await startTestServer()
  const answer = await run(
    'node',
    `const [url, key] = process.argv.slice(2)
    delete globalThis.process
    const { createClient } = await import('@indelible/client')
    const client = createClient({ url, key })
    const { index } = await client.append({ action: 'a', actor: { id: 'u_1' } })
    client.record({ action: 'b', actor: { id: 'u_1' } })
    await client.close()
    const codeOf = (act) => { try { act() } catch ({ code }) { return code } }
    const run = codeOf(() => client.run({}, () => undefined))
    const spool = codeOf(() => createClient({ url, spool: 'edge.spool' }))
    console.log(JSON.stringify({ index, delivered: client.stats().delivered, run, spool }))`,
    server.url,
    testRootKey,
  )
  const refused = { run: 'context-unavailable', spool: 'settings-invalid' }
  expect(answer).toEqual({ index: 0, delivered: 1, ...refused })
})

/** @returns what the compiler has against files of an application */
async function compile(cwd: string, files: readonly string[], flags: string): Promise<string> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const args = ['--ignoreConfig', '--noEmit', '--strict', ...flags.split(' '), ...files]
  const compiled = promisify(execFile)(process.execPath, [tsc, ...args], { cwd })
  return (await compiled.catch((failed: { readonly stdout: string }) => failed)).stdout
}

const nodenext = '--target esnext --module nodenext --types node'

test.each([
  nodenext,
  `${nodenext} --skipLibCheck`,
  '--target es2022 --module esnext --moduleResolution bundler --types node',
  '--target es2022 --module esnext --moduleResolution bundler --types node --skipLibCheck',
])('its declarations stand, and refuse wrong use, with %s', async (flags) => {
  cpSync(join(root, 'test/wrong-use'), join(typed, 'wrong-use'), { recursive: true })
  const files = readdirSync(join(typed, 'wrong-use')).map((name) => `wrong-use/${name}`)
  const complaints = (await compile(typed, files, flags)).split('\n')
  // Not those of other packages about each other, which are linked from elsewhere.
  expect(complaints.filter((line) => line !== '' && !line.startsWith('../'))).toEqual([])
})

test('its declarations stand where there is nothing of Node and no framework', async () => {
  const text = `import { createClient, type Head } from '@indelible/client'
    const audit = createClient<{ 'a.b': { n: number } }>({ url: 'http://x' })
    export const head: Promise<Head> = audit.append({ action: 'a.b', data: { n: 1 } })
    export const origin: string = (await audit.verifyReceipt({}, [])).origin\n`
  writeFileSync(join(bare, 'app.ts'), text)
  const flags = '--target esnext --module nodenext --lib esnext,dom'
  expect(await compile(bare, ['app.ts'], flags)).toBe('')
  writeFileSync(join(bare, 'app.ts'), text.replace('n: 1', "n: 'x'"))
  expect(await compile(bare, ['app.ts'], flags)).toContain('TS2322')
})

/** What the reader of the repository's README has already. */
const application = `declare const app: import('express').Express, key: string, before: object, after: object
declare global { namespace Express { interface Request { user?: { id: string } } } }\n`

test.each([
  ['README.md', application],
  ['docs/how-to/client.md', ''],
  ['packages/client/README.md', ''],
])('what %s shows compiles', async (path, given) => {
  const text = readFileSync(join(root, path), 'utf8')
  const shown = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code)
  expect(shown.length).toBeGreaterThan(0)
  writeFileSync(join(typed, 'shown.ts'), given + shown.join('\n'))
  expect(await compile(typed, ['shown.ts'], `${nodenext} --skipLibCheck`)).toBe('')
})

test('nothing in it names a module of Node, so that it loads where there is none', () => {
  const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' })
  const sources = files.filter((file) => file.endsWith('.js'))
  expect(sources.length).toBeGreaterThan(20)
  const args = ['-lE', String.raw`from ['"](node:|[^.'"])|import\(['"](node:|[^.'"])`]
  const paths = sources.map((file) => join(installed, 'dist', file))
  expect(() => execFileSync('grep', [...args, ...paths])).toThrow(
    expect.objectContaining({ status: 1 }),
  )
})
