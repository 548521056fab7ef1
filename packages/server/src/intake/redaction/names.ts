import { EventSubmission } from '@indelible/protocol/schema'
import { isRefusedName } from '../structure.ts'
import { type Spend, steps } from './effort.ts'
import { describingNames, normaliseName } from './keys.ts'
import type { SecretKey } from './treatment.ts'

/** What is known of a member name. */
export interface KnownName {
  /** The name as kept: a name can hold a secret itself. */
  readonly keptName: string
  readonly secret: SecretKey | undefined
  /** `value` of `{ name, value }` and its like, where a sibling says what it is. */
  readonly isValue: boolean
  readonly describes: boolean
}

/** Distinct names are few in practice; a caller who invents them must not fill the memory. */
const knownNamesMax = 8_192
const knownNameCharsMax = 128

const valueNames = new Set(
  'value values from to old new oldvalue newvalue before after previous current'.split(' '),
)

/**
 * The event's own names, by which it is read: they are no caller's text, so hold no secret, whatever
 * a configured pattern finds in them.
 */
const eventNames: ReadonlySet<string> = new Set(listNames(EventSubmission))

/** Looks each distinct member name up in the rules once. */
export function createNames(
  findKey: (name: string) => SecretKey | undefined,
  redactText: (text: string) => string,
  spend: Spend,
): (name: string) => KnownName {
  const knownNames = new Map<string, KnownName>()
  return (name) => {
    const known = knownNames.get(name)
    if (known !== undefined) return known
    spend(steps.name)
    const normal = normaliseName(name)
    const keptName = eventNames.has(name) ? name : keepApart(name, redactText(name))
    // A name that held a secret says no more what its value is, the marker in it least of all.
    const isMarked = keptName !== name || /\[(?:redacted|hash):/.test(name)
    const learnt = {
      keptName,
      secret: isMarked ? undefined : findKey(name),
      isValue: valueNames.has(normal),
      describes: describingNames.has(normal),
    }
    if (knownNames.size >= knownNamesMax) knownNames.clear()
    if (name.length <= knownNameCharsMax) knownNames.set(name, learnt)
    return learnt
  }
}

/**
 * What is left of a caller's name must not become a name that we read an event by, nor one that no
 * event may have: `__proto-77__` without `-77` would take its value along, unsaid.
 */
function keepApart(name: string, kept: string): string {
  const isForeign = kept !== name && (eventNames.has(kept) || isRefusedName(kept))
  return isForeign ? `${kept} (redacted)` : kept
}

function listNames(schema: object): string[] {
  return Object.entries(schema).flatMap(([keyword, value]) => [
    ...(keyword === 'properties' ? Object.keys(value) : []),
    ...(typeof value === 'object' && value !== null ? listNames(value) : []),
  ])
}
