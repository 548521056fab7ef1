import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCaptured } from '../testing/run-captured.ts'

interface Vector {
  readonly input: { readonly receipt: { readonly proof: string }; readonly keys: readonly string[] }
  readonly output: { readonly index: number; readonly root: string }
}
const readVector = (name: string): Vector =>
  JSON.parse(
    readFileSync(new URL(`../../../../vectors/receipt/${name}.json`, import.meta.url), 'utf8'),
  )

const valid = readVector('valid-core-only')
const altered = readVector('invalid-text-changed')
const key = valid.input.keys[0] ?? ''

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'indelible-verify-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function verify(content: string | Buffer, ...flags: readonly string[]) {
  const file = join(folder, 'evidence')
  await writeFile(file, content)
  return runCaptured(['verify', file, '--key', key, ...flags])
}
const lines = (...values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('')

test('a sound receipt is told part by part, on one line of the file or on many', async () => {
  for (const space of [0, 2]) {
    const { code, stdout } = await verify(JSON.stringify(valid.input.receipt, null, space))
    expect(code).toBe(0)
    expect(stdout).toContain(`Verified: entry ${valid.output.index} of`)
    expect(stdout).toMatch(/core +shown/)
    expect(stdout).toMatch(/actor +undisclosed/)
  }
})

test('one faulty receipt among many is told by its line, and the exit code is 1', async () => {
  const manifest = { format: 'indelible-receipts/v1', vkey: 'believed by nobody' }
  const content = lines(manifest, valid.input.receipt, altered.input.receipt, valid.input.receipt)
  const { code, stdout, stderr } = await verify(gzipSync(content))
  expect(code).toBe(1)
  expect(stderr).toContain('line 3: ')
  expect(stdout).toContain('2 receipts verified, 1 failed')
})

test('a line that is no receipt, and a file without any, are never passed over', async () => {
  expect((await verify(`${lines(valid.input.receipt)}{"format":`)).code).toBe(1)
  expect((await verify('')).code).toBe(1)
  expect((await verify(lines({ format: 'indelible-receipts/v1' }))).code).toBe(1)
  expect((await verify(lines({}))).code).toBe(1)
})

test('a receipt that others could read otherwise, or that calls itself a manifest, fails', async () => {
  const text = JSON.stringify(valid.input.receipt)
  const twice = [
    text.replace('"entry":', '"entry":"another","entry":'),
    text.replace('"parts":{', '"parts":{"core":{"salt":"AA==","text":"{}"},'),
    text.replace('"text":', '"text":"another","text":'),
  ]
  for (const line of twice) expect((await verify(`${text}\n${line}\n`)).code).toBe(1)
  const disguised = { ...altered.input.receipt, format: 'indelible-receipts/v1' }
  expect((await verify(lines(valid.input.receipt, disguised))).code).toBe(1)
})

test('the keys in a file are never believed', async () => {
  const stranger = readVector('invalid-stranger-pinned').input.keys[0] ?? ''
  const file = join(folder, 'evidence')
  await writeFile(file, lines({ format: 'indelible-receipts/v1', vkey: key }, valid.input.receipt))
  expect((await runCaptured(['verify', file, '--key', stranger])).code).toBe(1)
  const unpinned = await runCaptured(['verify', file])
  expect(unpinned.code).toBe(2)
  expect(unpinned.stderr).toContain('--key')
})

test('plain entries are told to hold no proof, with the way to get receipts', async () => {
  const entry = { tenant: 'a', index: 0, type: 'event', received: '', hash: '', event: {} }
  const { code, stderr } = await verify(lines(entry))
  expect(code).toBe(2)
  expect(stderr).toContain('export --format receipts')
})

test('keys can be pinned in a file', async () => {
  const keysFile = join(folder, 'keys.txt')
  await writeFile(keysFile, `# the log of acme\n${key}\n`)
  const file = join(folder, 'evidence')
  await writeFile(file, lines(valid.input.receipt))
  expect((await runCaptured(['verify', file, '--keys-file', keysFile])).code).toBe(0)
  expect((await runCaptured(['verify', file, '--key', 'nonsense'])).code).toBe(2)
})
