import { limits } from '@indelible/protocol'
import { unescapeToken } from '../../base/pointer.ts'
import type { KnownName } from './names.ts'
import { descend } from './paths.ts'
import type { PathNode } from './rules.ts'
import type { SecretKey, Treatment } from './treatment.ts'

/**
 * The value of a JSON Patch operation (RFC 6902): `{ "op": "replace", "path": "/password", "value": … }`.
 * What it is, its path says: the names in it, and the rules for `changes.before` and `changes.after`,
 * of whose difference it is a part.
 */
export interface Operand {
  /** A name on the path that makes what is below it a secret. */
  readonly secret: SecretKey | undefined
  /** A configured rule for the place in `changes`. */
  readonly treatment: Treatment | undefined
  /** Configured rules for what is below that place. */
  readonly paths: readonly PathNode[]
}

/** @returns what finds the operand in an object that is an operation with a value */
export function createOperandFinder(
  know: (name: string) => KnownName,
  rules: PathNode | undefined,
): (object: Readonly<Record<string, unknown>>) => Operand | undefined {
  const changes = rules === undefined ? [] : descend([rules], 'changes')
  const states = [...descend(changes, 'before'), ...descend(changes, 'after')]
  return ({ op, path, value }) => {
    if (op !== 'add' && op !== 'replace' && op !== 'test') return undefined
    if (typeof path !== 'string' || !/^(?:\/|$)/.test(path)) return undefined
    const steps = path.split('/').slice(1).map(unescapeToken)
    return { secret: findSecret(steps, value, know), ...findRules(steps, states) }
  }
}

/** As the walk would have come to it: a secret name reaches what is below, as far as its rule says. */
function findSecret(
  steps: readonly string[],
  value: unknown,
  know: (name: string) => KnownName,
): SecretKey | undefined {
  let reaching: SecretKey | undefined
  for (const [at, step] of steps.entries()) {
    const { secret, describes } = know(step)
    const isValue = at === steps.length - 1 && typeof value !== 'object'
    const isItem = /^(?:\d+|-)$/.test(step)
    const ends = (describes && isValue) || (reaching?.reach === 'scalars' && !isItem)
    reaching = (ends ? undefined : reaching) ?? secret
  }
  return reaching
}

/** The steps are a caller's, and may be many: each looks at a rule once at most. */
function findRules(steps: readonly string[], states: readonly PathNode[]) {
  let paths = new Set(states)
  let treatment = findTreatment(paths)
  for (const step of steps.slice(0, limits.eventDepthMax)) {
    if (paths.size === 0 || treatment?.drops === true) break
    const next = descend(paths, step)
    // A number can be the place in a list, where rules for the list hold for its items.
    paths = new Set(/^(?:\d+|-)$/.test(step) ? [...paths, ...next] : next)
    treatment = findTreatment(next) ?? treatment
  }
  return { treatment, paths: steps.length > limits.eventDepthMax ? [] : [...paths] }
}

const findTreatment = (paths: Iterable<PathNode>): Treatment | undefined =>
  [...paths].find((node) => node.treatment !== undefined)?.treatment
