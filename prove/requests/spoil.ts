import type { Random } from '@indelible/testkit'
import type { Draft, Shape } from './draft.ts'
import { framingMutations } from './mutations/framing.ts'
import { headerMutations } from './mutations/headers.ts'
import { jsonMutations } from './mutations/json.ts'
import { jsonTextMutations } from './mutations/json-text.ts'
import type { Means, Mutation } from './mutations/mutation.ts'
import { targetMutations } from './mutations/target.ts'

/** Left as they are: what works must go on to work amid all of it. */
const validShare = 0.3
const mutationsMax = 3

/** By what they change, and how often that is drawn. */
const layers: readonly { readonly weight: number; readonly mutations: readonly Mutation[] }[] = [
  { weight: 30, mutations: jsonMutations },
  { weight: 15, mutations: jsonTextMutations },
  { weight: 25, mutations: targetMutations },
  { weight: 20, mutations: headerMutations },
  { weight: 10, mutations: framingMutations },
]

/** Spoils a request in none, one or several ways. @returns their names */
export function spoil(
  draft: Draft,
  { isFixed }: Pick<Shape, 'isFixed'>,
  random: Random,
  means: Means,
): readonly string[] {
  if (random() < validShare) return []
  const names: string[] = []
  for (let left = 1 + random.whole(mutationsMax); left > 0; left--) {
    const usable = isFixed === true ? layers.slice(1) : layers
    const mutation = draw(drawLayer(usable, random), draft, random, names.length > 0)
    if (mutation === undefined) continue
    mutation.apply(draft, random, means)
    names.push(mutation.name)
    if (mutation.isAlone === true) break
  }
  return names
}

const drawLayer = (usable: typeof layers, random: Random): readonly Mutation[] =>
  drawWeighted(usable, random)?.mutations ?? []

function draw(
  mutations: readonly Mutation[],
  draft: Draft,
  random: Random,
  isFurther: boolean,
): Mutation | undefined {
  const usable = mutations.filter(
    ({ fits, isAlone }) => !(isFurther && isAlone === true) && fits?.(draft) !== false,
  )
  return drawWeighted(usable, random)
}

/** One of them, by its weight; undefined where there is none. */
export function drawWeighted<One extends { readonly weight?: number }>(
  list: readonly One[],
  random: Random,
): One | undefined {
  const total = list.reduce((sum, { weight = 1 }) => sum + weight, 0)
  let at = random() * total
  for (const one of list) {
    at -= one.weight ?? 1
    if (at < 0) return one
  }
  return undefined
}
