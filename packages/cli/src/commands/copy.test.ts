import { join } from 'node:path'
import { createFilledFolder, createTemporaryFolder, startTestServer } from '@indelible/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCaptured } from '../testing/run-captured.ts'

let filled: Awaited<ReturnType<typeof createFilledFolder>>
beforeAll(async () => {
  filled = await createFilledFolder()
})
afterAll(() => filled[Symbol.dispose]())

test('a copy tells each log and its root, and how to start the service now', async () => {
  using source = filled.copy()
  using temporary = createTemporaryFolder()
  const to = join(temporary.path, 'new')
  const { code, stdout } = await runCaptured(['copy', '--from', source.path, '--to', to])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^default: 600 entries, root [0-9a-f]{64}$/m)
  expect(stdout).toContain('all are the same')
  expect(stdout).toContain(`Start the service on ${to}, with the same seed.`)
  const other = join(temporary.path, 'other')
  const again = await runCaptured(['copy', '--from', source.path, '--to', other, '--json'])
  expect(again.code).toBe(1)
  expect(JSON.parse(again.stderr).detail).toContain(`have moved to ${to}`)
})

test('a copy of the store that the settings name is JSON where asked for', async () => {
  using source = filled.copy()
  using temporary = createTemporaryFolder()
  const to = join(temporary.path, 'new')
  const environment = { INDELIBLE_STORE: source.path }
  const { code, stdout } = await runCaptured(['copy', '--to', to, '--json'], { environment })
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ from: source.path, to, copied: expect.any(Number) })
})

test('what can’t be copied is told by exit code: no store, a store in use, a database out of reach', async () => {
  using source = filled.copy()
  await using running = await startTestServer()
  const from = ['copy', '--from', source.path, '--seed-file', join(running.folder, 'seed'), '--to']
  const codes = [
    (await runCaptured(['copy', '--from', source.path])).code,
    (await runCaptured([...from, 'mysql://db/audit'])).code,
    (await runCaptured([...from, running.folder])).code,
    (await runCaptured([...from, 'postgres://127.0.0.1:1/audit'])).code,
  ]
  expect(codes).toEqual([2, 2, 3, 3])
})

test('a store can be asked how far its schema is', async () => {
  using source = filled.copy()
  const words = ['migrate', '--check', '--data', source.path]
  const { code, stdout } = await runCaptured(words)
  expect([code, stdout]).toEqual([0, expect.stringMatching(/: up to date\n$/)])
  expect((await runCaptured(['migrate', '--data', join(source.path, 'none')])).code).toBe(2)
})
