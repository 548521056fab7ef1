import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCaptured } from '../testing/run-captured.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'indelible-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('what is in effect is told with where it is from, and of a secret only that it is set', async () => {
  const environment = {
    INDELIBLE_PORT: '80',
    INDELIBLE_HOST: '127.0.0.1',
    INDELIBLE_ROOT_KEY_FILE: write('key', 'a-key-that-is-nobodys-business'),
    INDELIBLE_AMQP: 'amqps://ada:pass-word@a:5671/vhost, amqps://ada:pass-word@b:5671/vhost',
    INDELIBLE_ADMIN_PASSWORD: 'correct horse battery staple',
  }
  const words = ['config', '--json', '--port', '99']
  const { code, stdout, stderr } = await runCaptured(words, { environment })
  const { settings } = JSON.parse(stdout)
  const shown = (name: string) => {
    const { value, from } = settings.find((one: { name: string }) => one.name === name)
    return [value, from]
  }
  expect(code).toBe(0)
  expect(shown('INDELIBLE_PORT')).toEqual(['99', 'flag'])
  expect(shown('INDELIBLE_HOST')).toEqual(['127.0.0.1', 'variable'])
  expect(shown('INDELIBLE_LOG_LEVEL')).toEqual(['info', 'default'])
  expect(shown('INDELIBLE_ROOT_KEY')).toEqual(['set', 'file'])
  expect(shown('INDELIBLE_ADMIN_PASSWORD')).toEqual(['set', 'variable'])
  expect(shown('INDELIBLE_AMQP')).toEqual(['amqps://a:5671/vhost,amqps://b:5671/vhost', 'variable'])
  expect(stdout + stderr).not.toMatch(/nobodys|pass-word|horse/)
})

test('--check ends with 2 and names every fault and every typo, or with 0', async () => {
  const environment = {
    INDELIBLE_AUDIT_HOUR: '1',
    INDELIBLE_PORT: 'x',
    INDELIBLE_ROOT_KEY: 'short',
  }
  const faulty = await runCaptured(['config', '--check'], { environment })
  expect(faulty.code).toBe(2)
  expect(faulty.stdout).toBe('')
  expect(faulty.stderr).toContain('FAULT: INDELIBLE_PORT: ')
  expect(faulty.stderr).toContain('FAULT: INDELIBLE_ROOT_KEY: ')
  expect(faulty.stderr).toContain('is INDELIBLE_AUDIT_HOURS meant?')
  const sound = await runCaptured(['config', '--check'])
  expect(sound).toMatchObject({ code: 0, stdout: 'The settings are sound.\n', stderr: '' })
})

test('a flag wins over its variable, whichever of the two holds the value itself', async () => {
  const environment = { INDELIBLE_METRICS_KEY: 'one', INDELIBLE_ROOT_KEY_FILE: '/nonexistent' }
  const flags = ['--metrics-key-file', write('two', 'two'), '--root-key', 'a-key-of-some-length']
  expect(await runCaptured(['config', '--check', ...flags], { environment })).toMatchObject({
    code: 0,
  })
  const both = ['--metrics-key-file', write('two', 'two'), '--metrics-key', 'three']
  const refused = await runCaptured(['config', '--check', ...both])
  expect(refused.stderr).toContain('INDELIBLE_METRICS_KEY_FILE: only one of it and')
})

test('the key to speak with may be in a file, and is told nowhere when that is not to be had', async () => {
  const run = (environment: Record<string, string>, ...words: string[]) =>
    runCaptured(['tenants', 'list', '--url', 'http://127.0.0.1:9', ...words], {
      environment: { INDELIBLE_KEY: '', ...environment },
    })
  const path = write('key', 'a-key\n')
  // Nothing listens there: with a key it gets as far as that.
  expect((await run({ INDELIBLE_KEY_FILE: path })).code).toBe(3)
  expect((await run({ INDELIBLE_ROOT_KEY_FILE: path })).code).toBe(3)
  expect((await run({}, '--key-file', path)).code).toBe(3)
  const wrong = await run({ INDELIBLE_KEY_FILE: 'ind_the-key-itself' })
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('INDELIBLE_KEY_FILE: the file it names')
  expect(wrong.stderr).not.toContain('the-key-itself')
  expect((await run({ INDELIBLE_KEY: 'a', INDELIBLE_KEY_FILE: path })).code).toBe(2)
})
