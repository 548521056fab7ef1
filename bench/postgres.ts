import { once } from 'node:events'
import { createTestSeed, startPostgres } from '@indelible/testkit'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { median } from './appends.ts'
import type { UsualEvent } from './baselines.ts'
import { createBatches, createEventTexts } from './events.ts'
import { runLoad } from './load.ts'
import { formatRate, type Row, type Scale } from './report.ts'
import { benchKey, type Service, startService } from './service.ts'

const eventsOfBatch = 100
/** Connections over all nodes. */
const connections = 16
/** Rows of one COPY, and so of one transaction, of the yardstick. */
const copyRows = 500

/** Appends by hundreds through one node and through two, against COPY into the usual audit table. */
export async function measurePostgres(folder: string, scale: Scale): Promise<Row[]> {
  await using postgres = await startPostgres()
  const seedFile = createTestSeed(folder)
  const texts = createEventTexts(scale.batchedEvents, 11)
  const rates = { copy: [] as number[], one: [] as number[], two: [] as number[] }
  for (let round = 0; round < scale.rounds; round++) {
    rates.copy.push(await fillByCopy(await postgres.createDatabase(), texts))
    for (const [name, count] of [
      ['one', 1],
      ['two', 2],
    ] as const) {
      const environment = {
        INDELIBLE_STORE: await postgres.createDatabase(),
        INDELIBLE_SEED_FILE: seedFile,
      }
      await using nodes = await startNodes(count, environment)
      rates[name].push(await fillThrough(nodes.services, texts))
    }
  }
  const [copy, one, two] = [median(rates.copy), median(rates.one), median(rates.two)]
  const usual = `usual audit table, five B-trees, COPY of ${copyRows} rows a commit`
  return [
    {
      what: 'PostgreSQL: append, 100 a request, two nodes',
      value: `${formatRate(two)} events/s, indexed`,
      against: `${usual}: ${formatRate(copy)} rows/s`,
      ratio: two / copy,
      goal: '≥ 0.8',
    },
    {
      what: 'the same, one node',
      value: `${formatRate(one)} events/s, indexed`,
      against: `two nodes: ${formatRate(two)} events/s`,
      ratio: one / two,
    },
  ]
}

async function startNodes(count: number, environment: Readonly<Record<string, string>>) {
  const stack = new AsyncDisposableStack()
  const services: Service[] = []
  // One after the other: the first makes the schema and the credentials.
  for (let n = 0; n < count; n++) {
    services.push(stack.use(await startService('our-server', '', environment)))
  }
  return { services, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** @returns events a second */
async function fillThrough(services: readonly Service[], texts: readonly string[]) {
  const bodies = createBatches(texts, eventsOfBatch)
  const begin = performance.now()
  await Promise.all(
    services.map(({ port }, n) =>
      runLoad({
        port,
        path: '/v1/events',
        key: benchKey,
        connections: connections / services.length,
        bodies: bodies.filter((_, at) => at % services.length === n),
      }),
    ),
  )
  return texts.length / ((performance.now() - begin) / 1000)
}

/**
 * The yardstick, like those of the embedded store: one session, no HTTP, no checks, rows made ready
 * before the clock starts. @returns rows a second
 */
async function fillByCopy(url: string, texts: readonly string[]): Promise<number> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(`
      CREATE TABLE audit (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text, action text, actor text,
        target text, time timestamptz, ip text, event jsonb NOT NULL
      );
      CREATE UNIQUE INDEX audit_id ON audit (id);
      CREATE INDEX audit_action ON audit (action, time);
      CREATE INDEX audit_actor ON audit (actor, time);
      CREATE INDEX audit_target ON audit (target, time);
      CREATE INDEX audit_time ON audit (time)`)
    const chunks: string[] = []
    for (let at = 0; at < texts.length; at += copyRows) {
      chunks.push(
        texts
          .slice(at, at + copyRows)
          .map(formatCopyRow)
          .join(''),
      )
    }
    const begin = performance.now()
    for (const chunk of chunks) {
      const stream = client.query(
        copyFrom('COPY audit (id, action, actor, target, time, ip, event) FROM STDIN'),
      )
      stream.end(chunk)
      await once(stream, 'finish')
    }
    return texts.length / ((performance.now() - begin) / 1000)
  } finally {
    await client.end()
  }
}

function formatCopyRow(text: string): string {
  const { id, action, actor, targets, time, context } = JSON.parse(text) as UsualEvent // createEvent
  const cells = [id, action, actor.id, targets[0]?.id ?? '\\N', time, context.ip]
  return `${[...cells, text.replaceAll('\\', '\\\\')].join('\t')}\n`
}
