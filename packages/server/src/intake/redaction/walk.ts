import { type Spend, steps } from './effort.ts'
import type { KnownName } from './names.ts'
import type { Operand } from './operands.ts'
import { descend } from './paths.ts'
import type { PathNode } from './rules.ts'
import { isMarker } from './text.ts'
import { longStringChars, type SecretKey, type Treatment } from './treatment.ts'

/** What is done to everything below a member; `everything`: also to booleans (by path). */
interface Force {
  readonly treatment: Treatment
  readonly reach: SecretKey['reach'] | 'everything'
}

type JsonObject = Readonly<Record<string, unknown>>

/** The digits of a card number, as a JSON number. */
const [cardMin, cardMax] = [3e12, 1e16]

const namingNames = ['name', 'key', 'field', 'property', 'header', 'Name', 'Key']

/**
 * Walks a value, copying only what changes and what leads to it. The depth is the caller's to
 * bound: an admitted event keeps to `eventDepthMax`.
 */
export class SecretWalk {
  readonly #know: (name: string) => KnownName
  readonly #redactText: (text: string) => string
  readonly #findOperand: (object: JsonObject) => Operand | undefined
  readonly #spend: Spend

  constructor(
    know: (name: string) => KnownName,
    redactText: (text: string) => string,
    findOperand: (object: JsonObject) => Operand | undefined,
    spend: Spend,
  ) {
    this.#know = know
    this.#redactText = redactText
    this.#findOperand = findOperand
    this.#spend = spend
  }

  redactValue(
    value: unknown,
    force: Force | undefined,
    paths: readonly PathNode[] | undefined,
  ): unknown {
    if (typeof value === 'string') {
      return force === undefined ? this.#redactText(value) : this.#redactForced(value, force)
    }
    if (typeof value === 'number') return this.#redactNumber(value, force)
    if (typeof value === 'boolean') {
      return force?.reach === 'everything' ? this.#take(force.treatment, String(value)) : value
    }
    if (value === null || typeof value !== 'object') return value
    if (Array.isArray(value)) return this.#redactArray(value, force, paths)
    // Parsed JSON: what is no scalar and no array is a plain object.
    return this.#redactObject(
      value as JsonObject,
      force?.reach === 'scalars' ? undefined : force,
      paths,
    )
  }

  #redactForced(text: string, { treatment, reach }: Force): string {
    if (reach === 'long-strings' && text.length < longStringChars) {
      return this.#redactText(text) === text ? text : this.#take(treatment, text)
    }
    return text === '' || isMarker(text) ? text : this.#take(treatment, text)
  }

  #take(treatment: Treatment, secret: string): string {
    this.#spend(steps.secret)
    return treatment.replace(secret)
  }

  #redactNumber(value: number, force: Force | undefined): unknown {
    if (force !== undefined && force.reach !== 'long-strings') {
      return this.#take(force.treatment, String(value))
    }
    if (value < cardMin || value >= cardMax || !Number.isInteger(value)) return value
    const text = String(value)
    const redacted = this.#redactText(text)
    return redacted === text ? value : redacted
  }

  #redactArray(
    array: readonly unknown[],
    force: Force | undefined,
    paths: readonly PathNode[] | undefined,
  ): readonly unknown[] {
    let copy: unknown[] | undefined
    // A path of many `*` meets itself on the way through lists in lists: each place counts once.
    const steps =
      paths === undefined ? undefined : [...new Set([...paths, ...descend(paths, undefined)])]
    const own = steps?.find(({ treatment }) => treatment !== undefined)?.treatment
    for (let index = 0; index < array.length; index++) {
      const item = array[index]
      const redacted = this.#redactUnder(own, item, force, steps)
      if (redacted !== item) copy ??= array.slice(0, index)
      if (redacted !== undefined) copy?.push(redacted)
    }
    return copy ?? array
  }

  #redactObject(
    object: JsonObject,
    force: Force | undefined,
    paths: readonly PathNode[] | undefined,
  ): JsonObject {
    let copy: Record<string, unknown> | undefined
    let repeats: Map<string, number> | undefined
    for (const name in object) {
      const member = object[name]
      const known = this.#know(name)
      const redacted = this.#redactMember(object, member, known, name, force, paths)
      if (copy === undefined && (redacted !== member || known.keptName !== name)) {
        copy = copyUntil(object, name)
      }
      if (copy === undefined || redacted === undefined) continue
      if (Object.hasOwn(copy, known.keptName)) repeats ??= new Map()
      copy[findFreeName(copy, known.keptName, repeats)] = redacted
    }
    return copy ?? object
  }

  #redactMember(
    object: JsonObject,
    member: unknown,
    known: KnownName,
    name: string,
    force: Force | undefined,
    paths: readonly PathNode[] | undefined,
  ): unknown {
    const steps = paths === undefined ? undefined : descend(paths, name)
    const own = steps?.find(({ treatment }) => treatment !== undefined)?.treatment
    if (own !== undefined) return this.#redactUnder(own, member, force, steps)
    const operand = name === 'value' ? this.#findOperand(object) : undefined
    const below = operand === undefined ? steps : [...(steps ?? []), ...operand.paths]
    if (operand?.treatment !== undefined) {
      return this.#redactUnder(operand.treatment, member, force, below)
    }
    const secret =
      operand?.secret ?? known.secret ?? (known.isValue ? this.#findNamed(object) : undefined)
    if (secret?.treatment.drops === true) return undefined
    const isDescription = known.describes && typeof member !== 'object'
    const inherited = isDescription && force?.reach !== 'everything' ? undefined : force
    return this.redactValue(member, inherited ?? secret, below)
  }

  #redactUnder(
    own: Treatment | undefined,
    value: unknown,
    force: Force | undefined,
    paths: readonly PathNode[] | undefined,
  ): unknown {
    if (own === undefined) return this.redactValue(value, force, paths)
    return own.drops
      ? undefined
      : this.redactValue(value, { treatment: own, reach: 'everything' }, paths)
  }

  /** `{ "name": "DB_PASSWORD", "value": "…" }`: the sibling names the secret. */
  #findNamed(object: JsonObject): SecretKey | undefined {
    for (const naming of namingNames) {
      const name = object[naming]
      if (typeof name !== 'string') continue
      const { secret } = this.#know(name)
      if (secret !== undefined) return secret
    }
    return undefined
  }
}

function copyUntil(object: JsonObject, end: string): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const name in object) {
    if (name === end) break
    copy[name] = object[name]
  }
  return copy
}

/**
 * Two names that differed only in their secrets must not become one member.
 * @param repeats The last number given to each name of this object: counting anew for each of a
 *   thousand names took 50 ms an object, and 16 MiB hold a thousand such objects.
 */
function findFreeName(
  object: JsonObject,
  name: string,
  repeats: Map<string, number> | undefined,
): string {
  if (repeats === undefined || !Object.hasOwn(object, name)) return name
  let number = (repeats.get(name) ?? 1) + 1
  while (Object.hasOwn(object, `${name} (${number})`)) number++
  repeats.set(name, number)
  return `${name} (${number})`
}
