import { expect, test } from 'vitest'
import { launch } from './testing/launch.ts'
import { runCaptured } from './testing/run-captured.ts'
import { answerJson, startStubService } from './testing/stub-service.ts'

test('the launched command line says what is wrong with its arguments and exits with 2', async () => {
  const [unknown, missing] = await Promise.all([launch(['serch']), launch(['search', 'x'])])
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('Did you mean search?')
  expect(missing.code).toBe(2)
  expect(missing.stderr).toContain('INDELIBLE_KEY')
})

test('a service that is not there is told in one sentence with its address, exit 3', async () => {
  const { code, stderr } = await launch(['search', '--key', 'k', '--url', 'http://127.0.0.1:9'])
  expect(code).toBe(3)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain('http://127.0.0.1:9')
})

test.each([
  [['import', 'x.ndjson']],
  [['import', '--from', 'xml', 'x']],
  [['import', '--from', 'ndjson', '/nowhere/at/all']],
  [['search', '--limit', '0']],
  [['search', '--url', 'ftp://x']],
  [['keys', 'create', 'k', '--scope', 'all', '--tenant', 'a']],
  [['verify', '/nowhere', '--key', 'x']],
  [['send', 'a.b']],
  [['send', 'a.b', '--actor', 'u', '--data', 'novalue']],
  [['show']],
  [['show', 'e-1', '--parts', 'core', '--key', 'k']],
  [['audit', '--data', '/nowhere/at/all']],
  [['reindex', '--data', '/nowhere/at/all']],
  [['backup', '/tmp', '--data', '/nowhere/at/all']],
])('%j is a usage error', async (words) => {
  const { code, stderr } = await runCaptured(words)
  expect(code).toBe(2)
  expect(stderr).not.toBe('')
})

const commands = [
  ...['serve', 'audit', 'backup', 'restore', 'reindex'],
  ...['send', 'import', 'search', 'tail', 'show', 'export', 'verify'],
  ...['keys', 'users', 'tenants', 'login'],
]
test.each(commands)('the help of %s ends with examples', async (command) => {
  const { code, stdout } = await runCaptured([command, '--help'])
  expect(code).toBe(0)
  expect(stdout).toContain('Examples:\n  $ ')
})

test('a refusal is told with its pointers, and nothing in it acts on the terminal (I-08)', async () => {
  await using service = await startStubService((_request, response) =>
    answerJson(response, 422, {
      code: 'event-invalid',
      detail: 'faulty \u001b[31m',
      errors: [{ pointer: '/actor/id', detail: 'is missing' }],
    }),
  )
  const { code, stderr } = await runCaptured(['send', 'a', '--actor', 'u', '--url', service.url])
  expect(code).toBe(2)
  expect(stderr).toBe('faulty \\u001b[31m\n  /actor/id: is missing\n')
})

test('a fault that the detail quotes is told once', async () => {
  await using service = await startStubService((_request, response) =>
    answerJson(response, 422, {
      code: 'event-invalid',
      detail: 'Nothing was kept. /time: is no time',
      errors: [{ pointer: '/time', detail: 'is no time' }],
    }),
  )
  const { stderr } = await runCaptured(['send', 'a', '--actor', 'u', '--url', service.url])
  expect(stderr).toBe('Nothing was kept. /time: is no time\n')
})

test('the key goes to the named service alone, not to where it redirects (F-04, F-12)', async () => {
  await using other = await startStubService((_request, response) => answerJson(response, 200, {}))
  await using service = await startStubService((_request, response) => {
    response.writeHead(307, { location: other.url })
    response.end()
  })
  const { code, stderr } = await runCaptured(['search', '--url', service.url])
  expect(code).toBe(2)
  expect(stderr).toContain('redirects')
  expect(service.requests[0]?.headers.authorization).toBe('Bearer test-key')
  expect(other.requests).toEqual([])
})

test('negated terms reach the service as they were typed', async () => {
  await using service = await startStubService((_request, response) =>
    answerJson(response, 200, { entries: [], next: null }),
  )
  await runCaptured(['search', 'actor:u_1', '-outcome:success', '--url', service.url])
  const url = new URL(service.requests[0]?.path ?? '', service.url)
  expect(url.searchParams.get('q')).toBe('actor:u_1 -outcome:success')
})

test('a folder named by --data wins over a store that only the environment names', async () => {
  const environment = {
    INDELIBLE_STORE: 'postgres://127.0.0.1:9/audit',
    INDELIBLE_GUARD: 'postgres://127.0.0.1:9/guard',
  }
  const { code, stderr } = await runCaptured(['audit', '--data', '/nowhere/at/all'], {
    environment,
  })
  expect(code).toBe(2)
  expect(stderr).toContain('/nowhere/at/all')
  // With both as flags the store is the one that is meant.
  const both = ['audit', '--data', '/nowhere/at/all', '--store', environment.INDELIBLE_STORE]
  expect((await runCaptured(both)).code).toBe(3)
})
