import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import { untilSigned } from '../core/until-signed.ts'
import { runCaptured } from '../testing/run-captured.ts'
import { answerJson, type StubAnswer, startStubService } from '../testing/stub-service.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'indelible-show-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A service that has an entry, and so often no checkpoint that covers it. */
const signLate = (times: number): StubAnswer => {
  let pending = times
  return ({ path }, response) => {
    const isOfReceipt = path.includes('/receipt') || path.includes('format=receipts')
    if (!isOfReceipt) return answerJson(response, 200, { index: 0, event: {}, entries: [] })
    if (pending-- <= 0) return answerJson(response, 200, { format: 'a receipt' })
    const problem = { code: 'checkpoint-pending', detail: 'Ask again soon.' }
    answerJson(response, 503, problem, { 'retry-after': '86400' })
  }
}

const pending = new Failure(exitCodes.unreachable, 'Ask again.', { code: 'checkpoint-pending' })

test.each([[['show', 'e', '--json', '--receipt']], [['export', '--format', 'receipts', '--out']]])(
  '%j waits for the checkpoint of what was kept a moment ago',
  async (words) => {
    await using service = await startStubService(signLate(2))
    const file = join(folder, 'receipt')
    const { code, waits } = await runCaptured([...words, file, '--url', service.url])
    expect([code, waits]).toEqual([0, [1_000, 1_000]])
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ format: 'a receipt' })
  },
)

test('a person is told once what is waited for, and a script is not', async () => {
  for (const isTTY of [true, false]) {
    const stderr = Object.assign(new PassThrough(), { isTTY })
    const answers = [pending, pending, undefined]
    await untilSigned({ stderr, sleep: async () => undefined }, async () => {
      const failure = answers.shift()
      if (failure !== undefined) throw failure
    })
    const told = String(stderr.read() ?? '')
    expect(told).toBe(isTTY ? 'Waiting for a signed checkpoint that covers it.\n' : '')
  }
})

test('a service that signs nothing is told in the end, exit 3', async () => {
  await using service = await startStubService(signLate(Number.POSITIVE_INFINITY))
  const words = ['show', 'e', '--json', '--receipt', join(folder, 'receipt'), '--url', service.url]
  const { code, stderr } = await runCaptured(words)
  expect([code, JSON.parse(stderr).code]).toEqual([3, 'checkpoint-pending'])
})
