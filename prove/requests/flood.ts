import { createRandom, type SpawnedServer } from '@indelible/testkit'
import { type Connection, createConnection, type Exchange } from './connection.ts'
import { formatDraft, openDraft, type Shape } from './draft.ts'
import { isPushback, judge, type Sent } from './judge.ts'
import type { createLedgerCheck } from './ledger-check.ts'
import { drawWeighted, spoil } from './spoil.ts'
import type { World } from './world.ts'

/** Requests under way at once, each on a connection of its own. */
const lanes = 24
/** An answer that takes longer is asked for again, with nothing beside it of ours. */
const lateMs = 2_000
/** The machine may be busy with others: what is slow by itself is so each time. */
const repeatsOfLate = 3
const faultsMax = 10
const bytesShownMax = 1_500

export interface FloodCounts {
  requests: number
  valid: number
  '2xx': number
  '4xx': number
  pushedBack: number
  /** Broken requests whose connection was ended without a word. */
  cut: number
  late: number
  slowestMs: number
}

export type Flood = ReturnType<typeof createFlood>

/** Sends requests and judges what comes back. The nth is the same for the same seed. */
export function createFlood(options: {
  readonly server: SpawnedServer
  readonly shapes: readonly Shape[]
  readonly seed: number
  readonly check: ReturnType<typeof createLedgerCheck>
  readonly world: () => World
}) {
  const { server, shapes, seed, check, world } = options
  const port = Number(new URL(server.url).port)
  const counts: FloodCounts = {
    ...{ requests: 0, valid: 0, '2xx': 0, '4xx': 0, pushedBack: 0, cut: 0, late: 0, slowestMs: 0 },
  }
  const faults: string[] = []
  const late: { readonly n: number; readonly sent: Sent }[] = []
  /** Each shape with each way to spoil it. */
  const pairs = new Set<string>()

  const make = (n: number): Sent => {
    const random = createRandom(seed + n * 7_919)
    const shape = drawWeighted(shapes, random) as Shape // there are some
    const draft = openDraft(shape, shape.make(random, n))
    const { others, cursor } = world()
    const mutations = spoil(draft, shape, random, { credentials: others, cursor })
    return { shape, draft, mutations, bytes: formatDraft(draft) }
  }
  const send = (sent: Sent, connection: Connection): Promise<Exchange> => {
    const { draft, bytes } = sent
    return draft.wire === undefined
      ? connection.exchange(bytes, [draft.method])
      : connection.exchangeLoosely(bytes, draft.isCut)
  }
  const settle = (n: number, sent: Sent, exchange: Exchange): void => {
    const { shape, mutations } = sent
    const { answers, ms } = exchange
    counts.requests++
    if (mutations.length === 0) counts.valid++
    for (const name of mutations.length === 0 ? ['nothing'] : mutations) {
      pairs.add(`${shape.name} with ${name}`)
    }
    const [answer] = answers
    if (answer === undefined) counts.cut++
    else if (isPushback(answer)) counts.pushedBack++
    else if (answer.status < 400) counts['2xx']++
    else counts['4xx']++
    counts.slowestMs = Math.max(counts.slowestMs, Math.round(ms))
    if (ms > lateMs) late.push({ n, sent })
    const fault = judge(sent, exchange)
    if (fault !== undefined && faults.length < faultsMax) faults.push(report(n, sent, fault))
    check.note(sent, n, answers)
    const made = answer?.status === 201 && shape.name === 'POST /v1/keys'
    if (made) world().madeKeys.push(JSON.parse(answer.body.toString()).id)
  }
  /** Late beside others on a machine that is busy, or by itself? @returns how long it takes, in ms */
  const sendAgain = async (n: number, sent: Sent): Promise<number> => {
    using connection = createConnection(port)
    let least = Number.POSITIVE_INFINITY
    for (let left = repeatsOfLate; left > 0 && least > lateMs; left--) {
      const { answers, ms } = await send(sent, connection)
      least = Math.min(least, ms)
      // An event without an id of its own is kept once more.
      if (answers.some(({ status }) => status < 300)) check.note(sent, n, answers)
    }
    return least
  }
  const report = (n: number, { shape, mutations, bytes }: Sent, fault: string): string => {
    const shown = JSON.stringify(bytes.toString('latin1').slice(0, bytesShownMax))
    const size = bytes.length > bytesShownMax ? ` (the first of ${bytes.length} bytes)` : ''
    return `request ${n}, ${shape.name} with ${mutations.join(', ') || 'nothing'}: ${fault}; sent ${shown}${size}`
  }

  return {
    counts,
    faults,
    pairs,
    /** Sends the requests of these numbers, several at a time. */
    async run(from: number, until: number, isOver: () => boolean): Promise<void> {
      let next = from
      await Promise.all(
        Array.from({ length: lanes }, async () => {
          using connection = createConnection(port)
          while (next < until && !isOver()) {
            const n = next++
            const sent = make(n)
            settle(n, sent, await send(sent, connection))
          }
        }),
      )
      for (const { n, sent } of late.splice(0)) {
        counts.late++
        const ms = await sendAgain(n, sent)
        if (ms > lateMs) faults.push(report(n, sent, `takes ${Math.round(ms)} ms by itself, too`))
      }
    },
  }
}
