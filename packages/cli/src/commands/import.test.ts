import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCaptured } from '../testing/run-captured.ts'
import { answerJson, createEventKeeper, startStubService } from '../testing/stub-service.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'indelible-import-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const actions = (count: number, special: Readonly<Record<number, string>> = {}): string =>
  Array.from({ length: count }, (_, at) => `{"action":"${special[at] ?? `a.${at}`}"}\n`).join('')

const importing = (url: string, file: string, ...flags: readonly string[]) =>
  runCaptured(['import', '--from', 'ndjson', file, '--url', url, '--json', ...flags])

test('a file imported twice is there once', async () => {
  const keeper = createEventKeeper()
  await using service = await startStubService((request, response) =>
    keeper.answer(request, response, 'pointers'),
  )
  const file = join(folder, 'events.ndjson.gz')
  await writeFile(file, gzipSync(actions(1_201)))
  const first = await importing(service.url, file)
  expect(JSON.parse(first.stdout)).toMatchObject({ read: 1_201, added: 1_201, present: 0 })
  const second = await importing(service.url, file)
  expect(JSON.parse(second.stdout)).toMatchObject({ read: 1_201, added: 0, present: 1_201 })
  expect([first.code, second.code, keeper.kept.size]).toEqual([0, 0, 1_201])
  expect(existsSync(`${file}.indelible-import.json`)).toBe(false)
})

test('a busy service is asked again after the time it wishes', async () => {
  const keeper = createEventKeeper()
  let busy = 2
  await using service = await startStubService((request, response) => {
    busy -= 1
    if (busy >= 0)
      answerJson(response, 503, { code: 'pushback', detail: 'x' }, { 'retry-after': '7' })
    else keeper.answer(request, response, 'pointers')
  })
  const file = join(folder, 'events.ndjson')
  await writeFile(file, actions(3))
  const { code, stdout, waits } = await importing(service.url, file)
  expect(JSON.parse(stdout)).toMatchObject({ read: 3, added: 3 })
  expect([code, keeper.kept.size, waits.length]).toEqual([0, 3, 2])
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(7_000)
})

test('a batch whose acknowledgement was lost is sent again under the same ids', async () => {
  const keeper = createEventKeeper()
  let answers = 0
  await using service = await startStubService((request, response) => {
    answers += 1
    if (answers === 2) {
      for (const line of request.body.split('\n'))
        keeper.kept.set(JSON.parse(line).id, { action: '' })
      response.destroy()
    } else keeper.answer(request, response, 'pointers')
  })
  const file = join(folder, 'events.ndjson')
  await writeFile(file, actions(1_000))
  const { code, stdout } = await importing(service.url, file, '--in-flight', '1')
  expect(JSON.parse(stdout)).toMatchObject({ read: 1_000, added: 500, present: 500 })
  expect([code, keeper.kept.size]).toEqual([0, 1_000])
})

test.each(['pointers', 'silent'] as const)(
  'faulty lines are found and told, and all others kept (%s)',
  async (faults) => {
    const keeper = createEventKeeper()
    await using service = await startStubService((request, response) =>
      keeper.answer(request, response, faults),
    )
    const file = join(folder, 'events.ndjson')
    await writeFile(file, `${actions(40, { 7: 'bad', 31: 'bad' })}{"action":\n`)
    const { code, stdout } = await importing(service.url, file)
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ read: 41, added: 38, refused: 3 })
    const refused = (await readFile(`${file}.refused.ndjson`, 'utf8')).trim().split('\n')
    const lines = refused.map((line) => JSON.parse(line))
    expect(lines.map(({ line, code, text }) => [line, code, text])).toEqual([
      [8, 'event-invalid', '{"action":"bad"}'],
      [32, 'event-invalid', '{"action":"bad"}'],
      [41, 'json-malformed', '{"action":'],
    ])
  },
)

test.each(['pointers', 'silent'] as const)(
  'a strict import keeps what comes before the first faulty line and nothing after it (%s)',
  async (faults) => {
    const keeper = createEventKeeper()
    await using service = await startStubService((request, response) =>
      keeper.answer(request, response, faults),
    )
    const file = join(folder, 'events.ndjson')
    await writeFile(file, actions(1_000, { 20: 'bad', 22: 'bad' }))
    const { code, stdout } = await importing(service.url, file, '--strict')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ added: 20, refused: 1, isStopped: true })
    expect([...keeper.kept.values()].at(-1)?.action).toBe('a.19')
  },
)

test('an import whose service goes away goes on where it stopped', async () => {
  const keeper = createEventKeeper()
  const file = join(folder, 'events.ndjson')
  await writeFile(file, actions(2_300))
  {
    await using service = await startStubService((request, response) => {
      if (keeper.kept.size >= 1_000) response.destroy()
      else keeper.answer(request, response, 'pointers')
    })
    const broken = await importing(service.url, file, '--in-flight', '1', '--retry-for', '0')
    expect(broken.code).toBe(3)
    expect(broken.stderr).toContain('Run the same command again')
    const state = await readFile(`${file}.indelible-import.json`, 'utf8')
    expect(JSON.parse(state)).toEqual({
      format: 'indelible-import/v1',
      line: 1_000,
      offset: expect.any(Number),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      tally: { read: 1_000, added: 1_000, present: 0, refused: 0 },
    })
  }
  await using service = await startStubService((request, response) =>
    keeper.answer(request, response, 'pointers'),
  )
  const resumed = await importing(service.url, file)
  expect(JSON.parse(resumed.stdout)).toMatchObject({ read: 2_300, added: 2_300, resumedAt: 1_000 })
  expect(keeper.kept.size).toBe(2_300)
  expect(service.requests[0]?.body).toContain('"a.1000"')
})

test('a file that breaks off gives what it holds, and says that it is damaged', async () => {
  const keeper = createEventKeeper()
  await using service = await startStubService((request, response) =>
    keeper.answer(request, response, 'pointers'),
  )
  const file = join(folder, 'events.ndjson.gz')
  const whole = gzipSync(actions(3_000))
  await writeFile(file, whole.subarray(0, whole.length - 2_000))
  const broken = await importing(service.url, file)
  expect(broken.code).toBe(1)
  expect(broken.stderr).toContain('damaged gzip')
  expect(keeper.kept.size).toBeGreaterThan(500)
  await writeFile(file, whole)
  const repaired = await importing(service.url, file)
  expect(JSON.parse(repaired.stdout)).toMatchObject({ read: 3_000, added: 3_000, present: 0 })
  expect(keeper.kept.size).toBe(3_000)
})

test('a file that changed since it was interrupted is imported from its start', async () => {
  const keeper = createEventKeeper()
  const file = join(folder, 'events.ndjson')
  await writeFile(file, actions(600))
  await using service = await startStubService((request, response) => {
    if (keeper.kept.size === 500) response.destroy()
    else keeper.answer(request, response, 'pointers')
  })
  const broken = await importing(service.url, file, '--in-flight', '1', '--retry-for', '0')
  expect(broken.code).toBe(3)
  await writeFile(file, actions(600, { 0: 'another' }))
  keeper.kept.clear()
  const again = await importing(service.url, file, '--in-flight', '1', '--retry-for', '0')
  expect(again.stderr).toContain('beginning anew')
  expect(keeper.kept.size).toBe(500)
})

test('a line that is refused for its credentials stops the import with the service’s words', async () => {
  await using service = await startStubService((_request, response) =>
    answerJson(response, 403, { code: 'scope-insufficient', detail: 'This key may not append.' }),
  )
  const file = join(folder, 'events.ndjson')
  await writeFile(file, actions(3))
  const { code, stderr } = await importing(service.url, file)
  expect(code).toBe(2)
  expect(JSON.parse(stderr)).toMatchObject({ code: 'scope-insufficient' })
})
