import type { Actor, Reference, Target } from '../event.ts'
import { idCharsMax, targetsMax, tenantPattern, typeCharsMax } from '../limits.ts'
import { readMasked } from './payload.ts'
import { clip, isPlain, Omission, tell } from './plain.ts'

/**
 * What the application's own functions answer, as an event can have it. They run where no compiler
 * looked, on what a caller sent: whatever is wrong with an answer, there must be an event.
 */

const nameCharsMax = 512
const behalfMax = 4
/** Together far below an event's 256 KiB, also when the service has masked what is secret in it. */
const actorBytesMax = 8 * 1024
const targetBytesMax = 4 * 1024
const targetsBytesMax = 16 * 1024
const dataBytesMax = 24 * 1024

/**
 * @returns undefined where it names nobody: while nobody is logged in there may be an actor without id
 * @throws Error where it is nothing that could be one
 */
export function readActor(answer: unknown): Actor | undefined {
  if (answer === undefined || answer === null) return undefined
  if (typeof answer !== 'object') throw new TypeError('an actor is { id, type?, name? }')
  return readReference(answer, actorBytesMax)
}

/**
 * @returns undefined where it leaves them to the route
 * @throws Error where one of them names nothing, or they are too many
 */
export function readTargets(answer: unknown): readonly Target[] | undefined {
  if (answer === undefined || answer === null) return undefined
  if (!Array.isArray(answer)) throw new TypeError('targets are a list of { type?, id, name? }')
  if (answer.length > targetsMax) throw new RangeError(`there are ${targetsMax} targets at most`)
  const bytesMax = Math.min(targetBytesMax, targetsBytesMax / Math.max(1, answer.length))
  return Array.from(answer, (target: unknown) => {
    const reference = typeof target === 'object' && target !== null
    const read = reference ? readReference(target, bytesMax) : undefined
    if (read === undefined) throw new TypeError('a target has no id')
    return read
  })
}

/** @throws Error where it can't be told as JSON, or only in too many bytes */
export function readData(answer: unknown): Readonly<Record<string, unknown>> | undefined {
  if (answer === undefined || answer === null) return undefined
  const data = readMasked(answer, dataBytesMax)
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return { ...data }
  throw new TypeError('data must be an object')
}

/** @throws Error where it can't be a tenant's name */
export function readTenant(answer: unknown): string | undefined {
  if (answer === undefined || answer === null) return undefined
  const tenant = typeof answer === 'number' ? String(answer) : answer
  if (typeof tenant === 'string' && tenantPattern.test(tenant)) return tenant
  throw new TypeError('a tenant is named by 1 to 128 letters, digits, dots, _ or -')
}

/** Members of a reference that have a shape of their own. */
const shaped: ReadonlySet<string> = new Set(['id', 'type', 'name', 'behalf', 'via'])

interface Unread {
  readonly id?: unknown
  readonly type?: unknown
  readonly name?: unknown
  readonly behalf?: unknown
  readonly via?: unknown
}

/** @throws Error where it is no text, nor a number */
export function readText(answer: unknown): string | undefined {
  if (answer === undefined || answer === null || answer === '') return undefined
  if (typeof answer === 'string') return answer
  if (typeof answer === 'number' || typeof answer === 'bigint') return String(answer)
  throw new TypeError('a text is asked for')
}

/** @throws Error where its id can't be one */
function readReference(answer: object, bytesMax: number): Actor | undefined {
  const { id, type, name, behalf, via }: Unread = answer
  const named = readId(id)
  if (named === undefined) return undefined
  if (isSimple(answer)) return answer.id === named ? answer : { ...answer, id: named }
  const behalves = [behalf].flat().flatMap((one) => readSimple(one) ?? [])
  const through = readSimple(via)
  return {
    ...readMembers(answer, bytesMax),
    ...readNames(type, name),
    ...(behalves.length === 0 ? {} : { behalf: behalves.slice(0, behalfMax) }),
    ...(through === undefined ? {} : { via: through }),
    id: named,
  }
}

function readSimple(answer: unknown): Reference | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  const { id, type, name }: Unread = answer
  const named = readId(id)
  return named === undefined ? undefined : { ...readNames(type, name), id: named }
}

/** All others; an entity of a database may have far too many, but it still names somebody. */
function readMembers(answer: object, bytesMax: number): object {
  try {
    const members = Object.entries(readMasked(answer, bytesMax) as object) // a copy of an object
    return Object.fromEntries(members.filter(([name]) => !shaped.has(name)))
  } catch (thrown) {
    if (thrown instanceof Omission) return { omitted: thrown.message }
    throw thrown
  }
}

const readNames = (type: unknown, name: unknown) => ({
  ...(typeof type === 'string' && type !== '' ? { type: clip(type, typeCharsMax) } : {}),
  ...(typeof name === 'string' ? { name: clip(name, nameCharsMax) } : {}),
})

/** An id of a database is a number, or an object that has a text. */
function readId(id: unknown): string | undefined {
  if (id === undefined || id === null || id === '') return undefined
  const text = typeof id === 'string' ? id : String(id)
  if (text === '[object Object]') throw new TypeError('an id is a text or a number')
  if (text.length > idCharsMax) throw new RangeError(`an id has ${idCharsMax} characters at most`)
  return tell(text)
}

/** Nearly all are `{ id, type?, name? }`, and short; nothing of such a one has to be copied. */
function isSimple(answer: object): answer is Actor {
  for (const name in answer) {
    if (name !== 'id' && name !== 'type' && name !== 'name') return false
    const member: unknown = (answer as Unread)[name]
    if (typeof member !== 'string' || member === '' || member.length > typeCharsMax) return false
    if (name !== 'id' && member !== tell(member)) return false
  }
  return isPlain(answer)
}
