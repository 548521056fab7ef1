import { execFile, execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startTestServer, testRootKey } from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'indelible-pack-'))
const installed = join(folder, 'app/node_modules/@indelible/client')
afterAll(() => rmSync(folder, { recursive: true }))

/** Packs a copy: for the time of packing, package.json is another. */
beforeAll(() => {
  for (const path of ['scripts', 'tsconfig.json', 'package.json']) {
    cpSync(join(root, path), join(folder, path), { recursive: true })
  }
  for (const name of ['client', 'proof']) {
    cpSync(join(root, 'packages', name), join(folder, 'packages', name), { recursive: true })
  }
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@indelible'), { recursive: true })
  symlinkSync(join(folder, 'packages/proof'), join(modules, '@indelible/proof'))
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (/^\.|^@indelible$/.test(name)) continue
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  const cwd = join(folder, 'packages/client')
  execFileSync('npm', ['pack', '--silent'], { cwd })
  expect(readdirSync(cwd).sort()).toEqual(
    ['README.md', 'indelible-client-0.1.0.tgz', 'package.json', 'src'].sort(),
  )
  mkdirSync(installed, { recursive: true })
  const tarball = join(cwd, 'indelible-client-0.1.0.tgz')
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed])
  writeFileSync(join(folder, 'app/package.json'), JSON.stringify({ type: 'module' }))
})

test('the packed client has no dependency, and runs on the Node at hand', async () => {
  await using server = await startTestServer()
  writeFileSync(
    join(folder, 'app/app.js'),
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
  )
  // Not the synchronous one: the service is in this process.
  const cwd = join(folder, 'app')
  const { stdout } = await promisify(execFile)('node', ['app.js', server.url, testRootKey], { cwd })
  const closed = { undelivered: 0 }
  expect(JSON.parse(stdout)).toEqual({ refusal: 'key-unknown', entries: 2, closed })
  const { dependencies, devDependencies, scripts } = JSON.parse(
    readFileSync(join(installed, 'package.json'), 'utf8'),
  )
  expect([dependencies, devDependencies, scripts]).toEqual([undefined, undefined, undefined])
})

test('it appends where there is nothing of Node, and says what it can not do there', async () => {
  await using server = await startTestServer()
  writeFileSync(
    join(folder, 'app/edge.js'),
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
  )
  const cwd = join(folder, 'app')
  const { stdout } = await promisify(execFile)('node', ['edge.js', server.url, testRootKey], {
    cwd,
  })
  const refused = { run: 'context-unavailable', spool: 'settings-invalid' }
  expect(JSON.parse(stdout)).toEqual({ index: 0, delivered: 1, ...refused })
})

/** @returns what the compiler has against it */
function compile(text: string, ...types: string[]): string {
  writeFileSync(join(folder, 'app/app.ts'), text)
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const flags = '--ignoreConfig --noEmit --strict --target esnext --module nodenext'.split(' ')
  const roots = ['--typeRoots', join(root, 'node_modules/@types'), '--types', types.join(',')]
  try {
    const args = [tsc, ...flags, ...roots, 'app.ts']
    return execFileSync(process.execPath, args, { cwd: join(folder, 'app'), encoding: 'utf8' })
  } catch (error) {
    return String((error as { stdout: unknown }).stdout)
  }
}

test('its declarations stand on their own, and wrong use does not compile', () => {
  const good = `import { createClient, type Head } from '@indelible/client'
    const audit = createClient<{ 'a.b': { n: number } }>({ url: 'http://x' })
    export const head: Promise<Head> = audit.append({ action: 'a.b', data: { n: 1 } })
    export const origin: string = (await audit.verifyReceipt({}, [])).origin\n`
  expect(compile(good)).toBe('')
  expect(compile(good.replace('n: 1', "n: 'x'"))).toContain('TS2322')
})

test.each(['docs/how-to/client.md', 'packages/client/README.md'])(
  'what %s shows compiles',
  (path) => {
    const text = readFileSync(join(root, path), 'utf8')
    const shown = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code)
    expect(shown.length).toBeGreaterThan(0)
    expect(compile(shown.join('\n'), 'node')).toBe('')
  },
)

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
