import type { Head } from '@indelible/protocol'
import type { Random, TestServer } from '@indelible/testkit'
import { comesTrue } from './comes-true.ts'
import { isCut } from './cut.ts'

export interface TestEvent {
  readonly tenant: string
  readonly id: string
  readonly action: string
  readonly actor: { readonly id: string }
  readonly data: { readonly n: number }
}

/** What a client sends in one request, and sends again, the same, until it is answered. */
interface Submission {
  readonly events: readonly TestEvent[]
  /** Ids of events that were acknowledged before: they must come back as duplicates. */
  readonly repeats: ReadonlySet<string>
}

/** Whatever takes the requests: a server, or several nodes behind one face. */
type Service = Pick<TestServer, 'post'>

const batchEventsMax = 20
const repeatShare = 0.15
const batchShare = 0.3
/** Share of requests that are sent twice at once, as by an impatient proxy. */
const doubleShare = 0.05
/** For a machine that is busy: a service that is well takes everything at once. */
const settleMsMax = 120_000

export const nameOf = ({ tenant, id }: Pick<Head, 'tenant' | 'id'>): string => `${tenant}/${id}`

/**
 * Clients that keep every head they were answered, and check each answer against what they know:
 * a known id comes back with the same head, and a batch is new as a whole or known as a whole.
 */
export function createClients(options: {
  readonly random: Random
  readonly count: number
  /** Whose logs they append to, each client to all of them. */
  readonly tenants: readonly string[]
}) {
  const { random, count, tenants } = options
  const acknowledged = new Map<string, Head>()
  /** Of answers that no client heard. */
  const overheard = new Map<string, Head>()
  const takenAsNew = new Set<string>()
  /** Whose entry stands where. */
  const places = new Map<string, string>()
  const kept: TestEvent[] = []
  const faults: string[] = []
  const pending = new Map<number, Submission>()
  let made = 0
  let retried = 0
  let duplicates = 0

  const makeEvent = (): TestEvent => {
    const n = made++
    const tenant = random.pick(tenants)
    return { tenant, id: `e${n}`, action: 'order.paid', actor: { id: `u_${n % 97}` }, data: { n } }
  }
  const makeSubmission = (): Submission => {
    const size = random() < batchShare ? 2 + random.whole(batchEventsMax - 1) : 1
    const repeats = new Set<string>()
    const events = Array.from({ length: size }, () => {
      const old = random() < repeatShare ? kept[random.whole(kept.length)] : undefined
      if (old === undefined) return makeEvent()
      repeats.add(nameOf(old))
      return old
    })
    return { events, repeats }
  }

  /** Of any answer, heard or not: an event is new once, and alone where it stands. */
  const note = (name: string, { tenant, index, duplicate }: Head): void => {
    if (duplicate !== true) {
      if (takenAsNew.has(name)) faults.push(`${name}: taken as new twice`)
      takenAsNew.add(name)
    }
    const place = `${tenant}\n${index}`
    const neighbour = places.get(place) ?? name
    if (neighbour !== name) faults.push(`${name}: stands at ${index}, as ${neighbour} does`)
    places.set(place, name)
  }
  const accept = ({ events, repeats }: Submission, heads: readonly Head[]): void => {
    const isNew = new Set<boolean>()
    for (const [n, event] of events.entries()) {
      const name = nameOf(event)
      const head = heads[n]
      const known = acknowledged.get(name) ?? overheard.get(name)
      if (head === undefined || nameOf(head) !== name) {
        faults.push(`${name}: answered with the head of ${head && nameOf(head)}`)
        continue
      }
      if (repeats.has(name)) {
        if (head.duplicate !== true) faults.push(`${name}: acknowledged, then taken as new`)
      } else isNew.add(head.duplicate !== true)
      note(name, head)
      if (head.duplicate === true) duplicates++
      if (known !== undefined && !isSameHead(known, head)) {
        faults.push(`${name}: ${describe(known)} became ${describe(head)}`)
      }
      if (!acknowledged.has(name)) {
        acknowledged.set(name, head)
        kept.push(event)
      }
    }
    if (isNew.size > 1) faults.push(`half of the batch of ${events[0]?.id} was kept`)
  }

  const submit = async (server: Service, submission: Submission): Promise<boolean> => {
    const [only, second] = submission.events
    const isBatch = second !== undefined || only === undefined
    const answer = await server.post('/v1/events', isBatch ? submission.events : only)
    // 408: a node that was stopped takes the time for the caller's.
    if (answer.status === 503 || answer.status === 408) return false
    if (answer.status > 201)
      throw new Error(`The service answered ${answer.status}: ${answer.text}`)
    accept(submission, isBatch ? answer.json.entries : [answer.json])
    return true
  }

  /** One client, until the server is gone; an unanswered request stays pending. */
  const runClient = async (n: number, server: Service): Promise<void> => {
    for (;;) {
      const waiting = pending.get(n)
      if (waiting !== undefined) retried++
      const submission = waiting ?? makeSubmission()
      pending.set(n, submission)
      const times = random() < doubleShare ? 2 : 1
      try {
        const sent = Array.from({ length: times }, () => submit(server, submission))
        if ((await Promise.all(sent)).every(Boolean)) pending.delete(n)
      } catch (error) {
        if (!isCut(error)) throw error
        return
      }
    }
  }

  return {
    acknowledged,
    /** The events of those acknowledgements. */
    kept: kept as readonly TestEvent[],
    faults,
    /** Heads of an answer that its client will never hear: the retry must bring the same. */
    overhear(heads: readonly Head[]): void {
      for (const head of heads) {
        note(nameOf(head), head)
        overheard.set(nameOf(head), head)
      }
    },
    /** Runs all clients until the server is gone. */
    async run(server: Service): Promise<void> {
      await Promise.all(Array.from({ length: count }, (_, n) => runClient(n, server)))
    },
    /** Sends what nobody answered until it is taken. @throws Error where that takes too long */
    async settle(server: Service): Promise<void> {
      const isSettled = async (): Promise<boolean> => {
        for (const [n, submission] of pending) {
          retried++
          if (await submit(server, submission)) pending.delete(n)
        }
        return pending.size === 0
      }
      if (await comesTrue(isSettled, settleMsMax)) return
      throw new Error(`${pending.size} requests were not taken.`)
    },
    figures: () => ({ acknowledged: acknowledged.size, retried, duplicates }),
  }
}

const isSameHead = (left: Head, right: Head): boolean =>
  left.index === right.index && left.hash === right.hash && left.received === right.received

const describe = ({ index, hash }: Head): string => `${index} ${hash.slice(0, 12)}`
