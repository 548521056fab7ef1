import type { Candidates, KeptEntry, Parts, ReadStore } from '../../store/store.ts'
import { createFactReader } from '../facts.ts'

/** An event as tests write it. */
export type TestEvent = Readonly<Record<string, unknown>> & { readonly action: string }

/** An entry of a log, its event split into parts as the ledger keeps it. */
export function keep(tenant: string, index: number, received: number, event: TestEvent): KeptEntry {
  const { actor, targets, context, changes, data, ...core } = event
  const others = Object.entries({ actor, targets, context, changes, data })
  const given = others.filter(([, value]) => value !== undefined)
  const texts = given.map(([label, value]) => [label, JSON.stringify(value)])
  const parts: Parts = { ...Object.fromEntries(texts), core: JSON.stringify(core) }
  const hash = new Uint8Array(32).fill(index % 256)
  return { tenant, index, type: 'event', received, hash, secret: new Uint8Array(16), parts }
}

/**
 * The naive reference of the read capability: arrays, and facts compared one by one. Entries from
 * `watermark` on are not indexed yet.
 */
export function createArrayStore() {
  const logs = new Map<string, { kept: KeptEntry; facts: Set<string>; time: number }[]>()
  let watermark = Number.POSITIVE_INFINITY
  const rows = (tenant: string) => logs.get(tenant) ?? []
  const carries = (facts: Set<string>, groups: Candidates['groups']) =>
    groups.every((group) => group.some((fact) => facts.has(fact)))
  const store: ReadStore = {
    listLogs: async () => [],
    readLog: async (tenant) => {
      const last = rows(tenant).at(-1)?.kept
      if (last === undefined) return undefined
      const { received } = last
      const head = { origin: tenant, generation: 0, vkey: '', edge: new Uint8Array() }
      return { ...head, tenant, size: last.index + 1, received }
    },
    readById: async () => undefined,
    readRange: async (tenant, from, until, limit) =>
      rows(tenant)
        .slice(from, until)
        .slice(0, limit)
        .map(({ kept }) => kept),
    findCandidates: async ({ tenant, groups, direction, from, limit }) => {
      const found = rows(tenant).filter(
        ({ kept, facts }) => kept.index >= watermark || carries(facts, groups),
      )
      const entries = found.map(({ kept }) => kept)
      const before = entries.filter(({ index }) => from === undefined || index < from).reverse()
      const after = entries.filter(({ index }) => from === undefined || index > from)
      return (direction === 'newest-first' ? before : after).slice(0, limit)
    },
    countCandidates: async (tenant, groups) => {
      const indexed = rows(tenant).filter(({ kept }) => kept.index < watermark)
      const count = indexed.filter(({ facts }) => carries(facts, groups)).length
      return { count, exact: indexed.length === rows(tenant).length }
    },
    readTimeSpan: async (tenant) => {
      const times = rows(tenant)
        .filter(({ kept }) => kept.index < watermark)
        .map(({ time }) => time)
      if (times.length === 0) return undefined
      return { first: Math.min(...times), last: Math.max(...times) }
    },
  }
  return {
    store,
    append(tenant: string, received: number, event: TestEvent): KeptEntry {
      const kept = keep(tenant, rows(tenant).length, received, event)
      const { groups, time } = createFactReader().readFacts(kept)
      const facts = groups.flatMap((group) => group.facts)
      logs.set(tenant, [...rows(tenant), { kept, facts: new Set(facts), time }])
      return kept
    },
    all: (tenant: string) => rows(tenant).map(({ kept }) => kept),
    indexUpTo(index: number) {
      watermark = index
    },
  }
}
