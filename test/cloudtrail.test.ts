import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { startTestServer, type TestServer } from '@indelible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importFiles } from './dialects/import-files.ts'

/** One record as AWS writes it; only what the scans below look at. */
interface CloudTrailRecord {
  readonly eventID: string
  readonly eventTime: string
  readonly errorCode?: string
  readonly sourceIPAddress: string
  readonly userIdentity: { readonly userName?: string; readonly arn?: string }
  readonly requestParameters?: Readonly<Record<string, unknown>> | null
  readonly responseElements?: Readonly<Record<string, unknown>> | null
  readonly resources?: readonly { readonly ARN?: string }[]
}

const root = new URL('../', import.meta.url)
const sample = new URL('packages/testkit/samples/cloudtrail.ndjson', root).pathname
/** Real records, where they lie beside the repository; they are not ours to commit. */
const real = new URL('../shared/data/cloudtrail-2023-07-10.ndjson.gz', root).pathname
const files = [sample, ...(existsSync(real) ? [real] : [])]

function readRecords(path: string): CloudTrailRecord[] {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line))
}

const importFile = (path: string, url: string) =>
  importFiles([path], { from: 'cloudtrail', url, tenant: 'default' })

/** Ids of all entries a query finds, page by page. */
async function search(server: TestServer, parameters: Record<string, string>): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const query: Record<string, string> = { ...parameters, limit: '200' }
    if (cursor !== null) query.cursor = cursor
    const page = await server.ask(`/v1/events?${new URLSearchParams(query)}`)
    expect(page.status, page.text).toBe(200)
    for (const { event } of page.json.entries) ids.push(event.id)
    cursor = page.json.next
  } while (cursor !== null)
  return ids.sort()
}

/** The most frequent value that a scan sees: what a person would ask for first. */
function mostFrequent(values: readonly (string | undefined)[]): string {
  const counts = new Map<string, number>()
  for (const value of values)
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  const [top] = [...counts].sort((a, b) => b[1] - a[1])
  if (top === undefined) throw new Error('The file has no such value.')
  return top[0]
}

const stringOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined

/** Every string of a value, however deep. */
function* stringsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) yield* stringsOf(member)
  }
}

describe.each(files)('%s', (file) => {
  let server: TestServer
  const records = readRecords(file)
  const idsWhere = (matches: (record: CloudTrailRecord) => boolean): string[] =>
    records
      .filter(matches)
      .map((record) => record.eventID)
      .sort()

  beforeAll(async () => {
    server = await startTestServer()
    await importFile(file, server.url)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('importing it a second time adds nothing', async () => {
    const before = await server.ask('/v1/logs/default')
    expect(before.json.size).toBe(records.length)
    await importFile(file, server.url)
    expect((await server.ask('/v1/logs/default')).json).toMatchObject({
      size: before.json.size,
      root: before.json.root,
    })
  })

  test('every failed or denied action of one user is found, and nothing else', async () => {
    const hasFailed = ({ errorCode, responseElements }: CloudTrailRecord) =>
      errorCode !== undefined || responseElements?.ConsoleLogin === 'Failure'
    const failed = records.filter(hasFailed)
    const user = mostFrequent(failed.map((record) => record.userIdentity.userName))
    const expected = idsWhere(
      (record) => record.userIdentity.userName === user && hasFailed(record),
    )
    expect(expected.length).toBeGreaterThan(0)
    expect(await search(server, { q: `actor:"${user}" -outcome:success` })).toEqual(expected)
    const named = { 'actor.id': user, q: 'outcome:failure,denied' }
    expect(await search(server, named)).toEqual(expected)
  })

  test('everything that touched one bucket, and one role, is found', async () => {
    for (const [parameter, arnPart] of [
      ['bucketName', ':::'],
      ['roleName', ':role/'],
    ] as const) {
      const touched = records.map((record) => stringOf(record.requestParameters?.[parameter]))
      const name = mostFrequent(touched)
      const asked = idsWhere((record) => record.requestParameters?.[parameter] === name)
      const found = await search(server, { q: `target:"${name}"` })
      // Beyond those that ask for it by name, only records that name it somewhere else.
      expect(found).toEqual(expect.arrayContaining(asked))
      const mentioned = idsWhere((record) => {
        for (const text of stringsOf(record)) {
          if (text === name || text.endsWith(`${arnPart}${name}`) || text.includes(name))
            return true
        }
        return false
      })
      expect(mentioned).toEqual(expect.arrayContaining(found))
    }
  })

  test('everything from one address between two times is found, the end excluded', async () => {
    const ip = mostFrequent(records.map((record) => record.sourceIPAddress))
    const times = records.map((record) => record.eventTime).sort()
    const since = times[Math.floor(times.length * 0.25)] ?? ''
    const until = times[Math.floor(times.length * 0.75)] ?? ''
    const expected = idsWhere(
      ({ sourceIPAddress, eventTime }) =>
        sourceIPAddress === ip && eventTime >= since && eventTime < until,
    )
    expect(expected.length).toBeGreaterThan(0)
    expect(await search(server, { q: `ip:"${ip}"`, since, until })).toEqual(expected)
  })

  test('a free word is found wherever a string has it, in any case', async () => {
    const word = 'iam'
    const isWord = new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, 'iu')
    const expected = idsWhere((record) => [...stringsOf(record)].some((text) => isWord.test(text)))
    const found = await search(server, { q: word.toUpperCase() })
    expect(expected.length).toBeGreaterThan(0)
    expect(expected.filter((id) => !found.includes(id))).toEqual([])
  })
})
