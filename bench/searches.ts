import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { catchUp, fill } from './appends.ts'
import { createEventTexts } from './events.ts'
import { formatRate, type Row, type Scale } from './report.ts'
import { benchKey, type Service, startService } from './service.ts'

/** Every shape a search takes: rare, common, AND, OR, a range, NOT, a word, nothing found. */
const shapes = [
  (n: number) => `actor.id=u_${n * 37}`,
  () => 'action=invoice.paid',
  (n: number) => `action=session.*&actor.id=u_${n % 50}`,
  (n: number) => `actor.id=u_${n}&actor.id=u_${n + 1}&actor.id=u_${n + 2}`,
  () => 'q=-outcome:success',
  () => 'q=lima&data.plan=pro',
  (n: number) => `context.ip=10.${n % 250}.0.1`,
  () => 'action=role.granted&outcome=denied',
  () => 'actor.id=nobody',
  () => 'q=-action:session.*',
]
const queriesEach = 40
const newline = 10

/** Searches at two sizes of one log, and what the larger takes on the disk. */
export async function measureSearches(folder: string, scale: Scale): Promise<Row[]> {
  const data = join(folder, 'search')
  let jsonBytes = 0
  const rates: number[] = []
  const grow = async (service: Service, count: number, seed: number) => {
    const begin = performance.now()
    for (let sent = 0; sent < count; sent += 100_000) {
      const texts = createEventTexts(Math.min(100_000, count - sent), seed + sent)
      jsonBytes += texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
      await fill(service, texts)
    }
    await catchUp(service)
    rates.push(count / ((performance.now() - begin) / 1000))
  }
  let small: number
  let large: number
  const exportRates: number[] = []
  {
    await using service = await startService('our-server', data)
    await grow(service, scale.searchEntries, 11)
    small = await measureP99(service)
    exportRates.push(await measureExport(service))
    await grow(service, scale.searchEntries * 9, 1_000_011)
    large = await measureP99(service)
    exportRates.push(await measureExport(service))
  }
  const restarted = await startService('our-server', data)
  await restarted[Symbol.asyncDispose]()
  const diskBytes = sizeOf(data)
  const sizes = [scale.searchEntries, scale.searchEntries * 10].map((n) => n.toLocaleString('en'))
  return [
    {
      what: `search, p99, ${sizes[1]} entries`,
      value: `${large.toFixed(1)} ms`,
      against: `the same at ${sizes[0]}: ${small.toFixed(1)} ms`,
      ratio: large / small,
      goal: '≤ 2',
    },
    {
      what: `export of one action, of ${sizes[1]} entries`,
      value: `${formatRate(exportRates[1] ?? 0)} entries/s`,
      against: `the same of ${sizes[0]}: ${formatRate(exportRates[0] ?? 0)} entries/s`,
      ratio: (exportRates[1] ?? 0) / (exportRates[0] ?? 1),
      goal: '≥ 0.5',
    },
    {
      what: 'bytes on disk, all indexes',
      value: `${(diskBytes / 1e6).toFixed(0)} MB`,
      against: `the events’ own JSON: ${(jsonBytes / 1e6).toFixed(0)} MB`,
      ratio: diskBytes / jsonBytes,
      goal: '≤ 2.0',
    },
    {
      what: `appends while it grew to ${sizes[1]}, by hundreds, indexed`,
      value: `${Math.round(rates[1] ?? 0).toLocaleString('en')} events/s`,
      against: `up to ${sizes[0]}: ${Math.round(rates[0] ?? 0).toLocaleString('en')} events/s`,
      ratio: (rates[1] ?? 0) / (rates[0] ?? 1),
    },
    { what: `restart at ${sizes[1]} entries`, value: `${restarted.startMs.toFixed(0)} ms` },
  ]
}

/** Entries a second of an export that the index finds: its last page must cost what its first does. */
async function measureExport({ port }: Service): Promise<number> {
  const begin = performance.now()
  const path = '/v1/export?action=invoice.paid&order=asc'
  const headers = { authorization: `Bearer ${benchKey}` }
  const { body, status } = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
  if (status !== 200 || body === null) throw new Error(`${path} was answered ${status}`)
  let entries = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    for (const byte of chunk) if (byte === newline) entries++
  }
  return entries / ((performance.now() - begin) / 1_000)
}

async function measureP99(service: Service): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < queriesEach; n++) {
    for (const shape of shapes) {
      const begin = performance.now()
      await service.get(`/v1/events?limit=50&${shape(n)}`)
      if (n > 0) times.push(performance.now() - begin) // the first of each prepares statements
    }
  }
  times.sort((a, b) => a - b)
  return times[Math.floor(times.length * 0.99)] ?? Number.NaN
}

export const sizeOf = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
