import type { Random } from '@indelible/testkit'
import type { Draft } from '../draft.ts'
import { type Mutation, oddTexts } from './mutation.ts'

const isJson = ({ json, body }: Draft): boolean => json !== undefined && body === undefined

/** Changes of what a body says: its JSON stays JSON. */
export const jsonMutations: readonly Mutation[] = [
  change('a member replaced', 6, (holder, name, random) => {
    holder[name] = oddValue(random)
  }),
  change('a member left out', 3, (holder, name) => {
    if (Array.isArray(holder)) holder.splice(Number(name), 1)
    else delete holder[name]
  }),
  change('a member renamed', 1, (holder, name) => {
    holder[`${name}x`] = holder[name]
    delete holder[name]
  }),
  change('a member of another name', 2, (holder, _, random) => {
    if (Array.isArray(holder)) return // JSON has no names in a list
    const name = random.pick(['__proto__', 'constructor', 'valueOf', 'index', 'hash', 'tenant'])
    Object.defineProperty(holder, name, { value: oddValue(random), enumerable: true })
  }),
  change('a member that shadows', 1, (holder, name) => {
    Object.assign(holder, { toString: holder[name], valueOf: 1, toJSON: 1, length: 1 })
    delete holder.toJSON // ours would call it
  }),
  change('a member in a list', 1, (holder, name) => {
    holder[name] = [holder[name]]
  }),
  change('a member twice in a list', 1, (holder, name) => {
    holder[name] = [holder[name], holder[name]]
  }),
  change('a member as text', 1, (holder, name) => {
    holder[name] = JSON.stringify(holder[name])
  }),
  change('a member very deep', 1, (holder, name, random) => {
    holder[name] = nest(holder[name], random.pick([8, 31, 40, 80]))
  }),
  change('a member very long', 0.3, (holder, name, random) => {
    holder[name] = random.pick(['ab ', '\u0001', 'é', '"']).repeat(random.pick([2_000, 80_000]))
  }),
  change('very many members', 0.1, (holder) => {
    for (let n = 0; n < 1_100; n++) holder[`m${n}`] = n
  }),
  {
    ...{ name: 'another whole', fits: isJson },
    apply(draft, random) {
      draft.json = oddValue(random)
    },
  },
  {
    ...{ name: 'the whole several times', fits: isJson },
    apply(draft, random) {
      draft.json = Array.from({ length: random.pick([1, 2, 30]) }, () => draft.json)
    },
  },
]

type Holder = Record<string, unknown>

function change(
  name: string,
  weight: number,
  spoil: (holder: Holder, name: string, random: Random) => void,
): Mutation {
  return {
    ...{ name, weight, fits: isJson },
    apply(draft, random) {
      draft.json = structuredClone(draft.json)
      const place = findPlace(draft.json, random)
      if (place !== undefined) spoil(place.holder, place.name, random)
    },
  }
}

/** Any member of any object or array, those near the top more often. */
function findPlace(value: unknown, random: Random) {
  let place: { readonly holder: Holder; readonly name: string } | undefined
  for (let at = value; typeof at === 'object' && at !== null; ) {
    const names = Object.keys(at)
    const name = names[random.whole(names.length)]
    if (name === undefined) break
    const holder = at as Holder // an array, too, has members by name
    place = { holder, name }
    if (random() < 0.4) break
    at = holder[name]
  }
  return place
}

function oddValue(random: Random): unknown {
  if (random() < 0.6) return random.pick(oddTexts)
  return structuredClone(random.pick(oddValues))
}

const oddValues: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e21, 2 ** 53, 253_402_300_800],
  ...[[], [[]], {}, { a: null }, { constructor: 1 }, ['x', 1, null], { id: {} }, [{}]],
  { toString: 1, valueOf: 1, length: 1 },
  Array.from({ length: 70 }, (_, n) => ({ id: `${n}` })),
]

const nest = (value: unknown, depth: number): unknown =>
  depth === 0 ? value : nest(depth % 2 === 0 ? [value] : { a: value }, depth - 1)
