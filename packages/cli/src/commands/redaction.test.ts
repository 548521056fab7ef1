import { startTestServer, type TestServer, testRootKey } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { runCaptured } from '../testing/run-captured.ts'

const server: TestServer = await startTestServer()
afterAll(() => server[Symbol.asyncDispose]())

const run = (words: string, stdin?: string) => {
  const environment = {
    INDELIBLE_URL: server.url,
    INDELIBLE_ROOT_KEY: testRootKey,
    INDELIBLE_KEY: '',
  }
  return runCaptured(
    ['redaction', ...words.split(' ')],
    stdin === undefined ? { environment } : { environment, stdin },
  )
}
const event = { action: 'a.b', actor: { id: 'u_1' }, data: { note: 'see CASE-77', pin: 1234 } }
/** As the event would be kept. */
const previewData = async (flags = '') => {
  const { stdout, code } = await run(`preview --json${flags}`, JSON.stringify(event))
  expect(code).toBe(0)
  return JSON.parse(stdout).data
}

test('a rule is tried, set, listed, changed and removed', async () => {
  const masked = { note: 'see [redacted:new-rule]', pin: '[redacted:otp]' }
  expect(await previewData(' --pattern CASE-*')).toEqual(masked)
  expect((await run('set case-number --pattern CASE-*')).code).toBe(0)
  expect(await previewData()).toEqual({ ...masked, note: 'see [redacted:case-number]' })
  const { stdout } = await run('list')
  expect(stdout).toMatch(/^case-number +console +on +mask +CASE-\* +root:root$/m)
  expect(stdout).toMatch(/^otp +built-in +on +mask +Fields named otp/m)
  await run('set case-number --path data.note --path data.title --action drop')
  expect(await previewData()).toEqual({ pin: '[redacted:otp]' })
  expect((await run('remove case-number')).stderr).toContain('is removed')
  expect((await previewData()).note).toBe('see CASE-77')
})

test('a built-in rule is disabled, with a word of what it means, and enabled', async () => {
  expect((await run('disable otp')).stderr).toContain('kept from now on, for good')
  expect((await previewData()).pin).toBe(1234)
  await run('enable otp')
  expect((await previewData()).pin).toBe('[redacted:otp]')
})

test('what is wrong is told, and is an error of usage', async () => {
  const greedy = await run('set greedy --field action')
  expect([greedy.code, greedy.stderr]).toEqual([2, expect.stringContaining('would take action')])
  const text = await run('preview', 'no JSON')
  expect([text.code, text.stderr]).toEqual([2, expect.stringContaining('is not JSON')])
  expect((await run('preview no-such-file.json')).stderr).toContain('there is no such file')
  expect((await run('remove nothing')).code).toBe(2)
})
