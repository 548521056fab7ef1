import { randomUUID } from 'node:crypto'

/**
 * Events as a mid-sized SaaS would send them, about 450 bytes of JSON: few actions, many actors,
 * a heavy-tailed choice of both, ids and request ids that never repeat.
 */

const actions = [
  'session.created',
  'session.denied',
  'customer.account.created',
  'customer.account.updated',
  'customer.plan.changed',
  'invoice.viewed',
  'invoice.paid',
  'document.downloaded',
  'document.shared',
  'role.granted',
  'role.revoked',
  'key.created',
]
const cities = ['Oslo', 'Lagos', 'Lima', 'Osaka', 'Porto', 'Quito', 'Turin', 'Tunis']
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15',
  'billing-worker/4.2.1',
]

/** A small, fast, seedable generator (mulberry32): every run sends the same events. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function createEvent(random: () => number, time: number) {
  /** Heavy-tailed: the first of `count` are chosen far more often than the last. */
  const tail = (count: number) => Math.floor(count * random() ** 3)
  const actor = tail(20_000)
  return {
    id: randomUUID(),
    action: actions[tail(actions.length)] ?? 'session.created',
    actor: { type: 'user', id: `u_${actor}`, name: `Person ${actor}` },
    targets: [{ type: 'account', id: `acc_${tail(50_000)}` }],
    time: new Date(time).toISOString(),
    outcome: random() < 0.03 ? 'denied' : 'success',
    source: 'billing',
    context: {
      ip: `10.${tail(250)}.${tail(250)}.${tail(250)}`,
      agent: agents[tail(agents.length)],
      request: randomUUID(),
    },
    data: {
      plan: random() < 0.2 ? 'pro' : 'free',
      city: cities[tail(cities.length)],
      n: tail(900),
    },
  }
}

/** JSON texts of events that end about now, ascending in time. */
export function createEventTexts(count: number, seed = 1): string[] {
  const random = createRandom(seed)
  const start = Date.now() - count * 20
  return Array.from({ length: count }, (_, n) =>
    JSON.stringify(createEvent(random, start + n * 20)),
  )
}

/** Bodies of requests or messages with so many events each. */
export function createBatches(texts: readonly string[], events: number): string[] {
  const batches: string[] = []
  for (let at = 0; at < texts.length; at += events) {
    batches.push(`[${texts.slice(at, at + events).join(',')}]`)
  }
  return batches
}
