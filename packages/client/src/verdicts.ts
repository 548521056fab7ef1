import type { Pending } from './backlog.ts'
import type { ClientError } from './error.ts'
import * as limits from './limits.ts'

/** What the service makes of events: it has them; it never will; or it fails at them (a 500). */
export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'refused' | 'stumbled'; readonly error: ClientError }
export type Failure = Exclude<Verdict, { readonly kind: 'delivered' }>

export const delivered: Verdict = { kind: 'delivered' }

/** Sends events in one request, and tries again whatever may pass. @returns undefined when ended */
export type Attempt = (
  batch: readonly Pending[],
  stumblesMax: number,
) => Promise<Verdict | undefined>

/**
 * Finds who of a batch is to blame that was not taken whole: by the pointer that the service names,
 * else by halves. What a batch was refused for may hold for all of it (a key without the scope), and a
 * 500 may be the service's answer to everything: so some are tried alone first, at random.
 * @returns a verdict on each; none on those of which nothing is known: the service fails at everything,
 * or it ended. A `stumbled` one is proven: another event was delivered after it.
 */
export async function judge(options: {
  readonly batch: readonly Pending[]
  readonly failure: Failure
  readonly attempt: Attempt
  readonly random: () => number
}): Promise<ReadonlyMap<Pending, Verdict>> {
  const { attempt, random } = options
  const found = new Map<Pending, Verdict>()
  /** One that was delivered: sent again it is a repeat, and shows that the service works. */
  let control: Pending | undefined
  let unproven: [Pending, Verdict][] = []

  function mark(events: readonly Pending[], verdict: Verdict): void {
    const marked = events.map((event): [Pending, Verdict] => [event, verdict])
    if (verdict.kind === 'stumbled') return void unproven.push(...marked)
    for (const one of marked) found.set(...one)
    if (verdict.kind === 'delivered') control = prove(events[0])
  }
  function prove<Event>(event: Event): Event {
    for (const one of unproven) found.set(...one)
    unproven = []
    return event
  }
  /** @returns whether the service takes what it took before */
  async function isProven(): Promise<boolean> {
    if (unproven.length === 0) return true
    if (control === undefined) return false
    const again = await attempt([control], 1)
    if (again?.kind !== 'delivered') return false
    prove(control)
    return true
  }

  /** @returns false where there is no use in going on */
  async function sort(events: readonly Pending[]): Promise<boolean> {
    const verdict = await attempt(events, 1)
    if (verdict === undefined) return false
    if (verdict.kind !== 'delivered' && events.length > 1) return divide(events, verdict)
    mark(events, verdict)
    return true
  }

  async function sortAll(parts: readonly (readonly Pending[])[]): Promise<boolean> {
    for (const part of parts) if (part.length > 0 && !(await sort(part))) return false
    return true
  }

  async function divide(events: readonly Pending[], failure: Failure): Promise<boolean> {
    const { status, errors } = failure.error
    if (status === 401) {
      // A key that isn't valid is so for all of them.
      mark(events, failure)
      return true
    }
    const tenants = status === 403 ? partByTenant(events) : []
    if (tenants.length > 1) return sortAll(tenants)
    if (status === 403 || failure.kind === 'stumbled') return probe(events, failure)
    return sortAll(partAround(events, errors) ?? halve(events))
  }

  async function probe(events: readonly Pending[], failure: Failure): Promise<boolean> {
    let rest = events
    const tried: Pending[] = []
    while (rest.length > 0 && tried.length < limits.probesMax) {
      // The newest first: where an old one blocked the line alone, the new one tells.
      const at = tried.length === 0 ? rest.length - 1 : Math.floor(random() * rest.length)
      const one = rest.slice(at, at + 1)
      rest = rest.toSpliced(at, 1)
      const alone = await attempt(one, 1)
      if (alone === undefined) return false
      if (alone.kind === 'delivered') {
        mark(one, alone)
        return sortAll(halve(events.filter((event) => event !== one[0])))
      }
      tried.push(...one)
    }
    if (failure.kind === 'refused') mark(events, failure)
    else mark(tried, failure)
    return (await isProven()) && sortAll(failure.kind === 'refused' ? [] : halve(rest))
  }

  const { batch, failure } = options
  if (batch.length === 1) mark(batch, failure)
  else if (await divide(batch, failure)) await isProven()
  return found
}

const halve = (events: readonly Pending[]): (readonly Pending[])[] => {
  const middle = events.length >> 1
  return [events.slice(0, middle), events.slice(middle)]
}

/** Around the first event that the refusal names (`/3/actor`). */
function partAround(
  events: readonly Pending[],
  errors: ClientError['errors'],
): (readonly Pending[])[] | undefined {
  const named = errors.flatMap(({ pointer }) => {
    const [, index] = /^\/(\d+)(?:\/|$)/.exec(pointer) ?? []
    return index === undefined || Number(index) >= events.length ? [] : [Number(index)]
  })
  if (named.length === 0) return undefined
  const first = Math.min(...named)
  return [events.slice(0, first), events.slice(first, first + 1), events.slice(first + 1)]
}

/** A key is granted tenants: what it may not append of one, it may of another. */
function partByTenant(events: readonly Pending[]): (readonly Pending[])[] {
  const parts = new Map<unknown, Pending[]>()
  for (const event of events) {
    const { tenant } = JSON.parse(event.json) // written by this client, from an event
    const part = parts.get(tenant)
    if (part === undefined) parts.set(tenant, [event])
    else part.push(event)
  }
  return [...parts.values()]
}
