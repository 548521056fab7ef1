import { join } from 'node:path'
import { fillTable } from './baselines.ts'
import { createBatches, createEventTexts } from './events.ts'
import { runLoad } from './load.ts'
import { formatRate, type Row, type Scale } from './report.ts'
import { benchKey, type Service, startService } from './service.ts'

const path = '/v1/events'
const eventsOfBatch = 100
const batchConnections = 16

/** Single appends against bare Fastify, in turns, so that both meet the same machine. */
export async function measureSingleAppends(folder: string, scale: Scale): Promise<Row[]> {
  await using bare = await startService('bare-fastify', folder)
  await using ours = await startService('our-server', join(folder, 'single'))
  const run = async ({ port }: Service, seed: number) => {
    const bodies = createEventTexts(scale.singleEvents, seed)
    return runLoad({ port, path, key: benchKey, connections: 64, bodies })
  }
  const [bareRates, ourRates, p99s]: number[][] = [[], [], []]
  for (let round = 0; round < scale.rounds + 1; round++) {
    const [theirs, mine] = [await run(bare, round), await run(ours, 1_000 + round)]
    if (round === 0) continue // both warm up
    bareRates?.push(theirs.perSecond)
    ourRates?.push(mine.perSecond)
    p99s?.push(mine.p99Ms)
  }
  const [theirs, mine] = [median(bareRates), median(ourRates)]
  return [
    {
      what: 'append, one event a request, 64 connections',
      value: `${formatRate(mine)} events/s, p99 ${median(p99s).toFixed(1)} ms`,
      against: `bare Fastify, same body: ${formatRate(theirs)} requests/s`,
      ratio: mine / theirs,
      goal: '≥ 0.40',
    },
  ]
}

/** Batched appends with the index keeping up, against tables filled in process. */
export async function measureBatchedAppends(folder: string, scale: Scale): Promise<Row[]> {
  const texts = createEventTexts(scale.batchedEvents, 7)
  const tables = { plain: [] as number[], usual: [] as number[] }
  const ours: number[] = []
  let residentMb = 0
  let lagMs = 0
  for (let round = 0; round < scale.rounds; round++) {
    tables.plain.push(fillTable(join(folder, `plain-${round}`), texts, 'no-index'))
    tables.usual.push(fillTable(join(folder, `usual-${round}`), texts, 'five-b-trees'))
    await using service = await startService('our-server', join(folder, `batched-${round}`))
    const sampler = setInterval(() => {
      residentMb = Math.max(residentMb, service.residentMb() ?? 0)
    }, 100)
    const begin = performance.now()
    await fill(service, texts)
    const filled = performance.now()
    await catchUp(service)
    lagMs = Math.max(lagMs, performance.now() - filled)
    clearInterval(sampler)
    ours.push(texts.length / ((performance.now() - begin) / 1000))
  }
  const [mine, plain, usual] = [median(ours), median(tables.plain), median(tables.usual)]
  const value = `${formatRate(mine)} events/s, indexed`
  return [
    {
      what: 'append, 100 a request, index keeping up',
      value,
      against: `one SQLite table, no index, in process: ${formatRate(plain)} rows/s`,
      ratio: mine / plain,
      goal: '≥ 0.10',
    },
    {
      what: 'the same',
      value,
      against: `usual audit table, five B-trees, in process: ${formatRate(usual)} rows/s`,
      ratio: mine / usual,
      goal: '≥ 1.0',
    },
    { what: 'index lag after that load', value: `${lagMs.toFixed(0)} ms to catch up` },
    {
      what: 'resident memory under that load',
      value: `${residentMb.toFixed(0)} MB`,
      goal: '≤ 300 MB',
    },
  ]
}

/** Sends events by hundreds. */
export async function fill({ port }: Service, texts: readonly string[]): Promise<void> {
  const bodies = createBatches(texts, eventsOfBatch)
  await runLoad({ port, path, key: benchKey, connections: batchConnections, bodies })
}

/** Resolves when everything is indexed. */
export async function catchUp(service: Service): Promise<void> {
  while ((await service.indexTail()) > 0) await new Promise((resolve) => setTimeout(resolve, 10))
}

export function median(values: readonly number[] | undefined): number {
  const sorted = [...(values ?? [])].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
