/** JSON Patch (RFC 6902); `createPatch` makes no other operations than these. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** One step of a JSON Pointer (RFC 6901 §3). */
const escapeStep = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

/**
 * What makes `after` of `before`, both as `JSON.parse` gives them. Members come in the order of the
 * documents, so the same two give the same patch; in an array, what is equal at both ends stays.
 * @param shown `after` with its secrets masked, which the operations' values are taken from: what was
 * masked is seen to have changed, and not what it is
 */
export function createPatch(before: unknown, after: unknown, shown = after): PatchOperation[] {
  const patch: PatchOperation[] = []
  compare({ before, after, shown, path: '' }, patch)
  return patch
}

interface Place {
  readonly before: unknown
  readonly after: unknown
  readonly shown: unknown
  readonly path: string
}

function compare(place: Place, patch: PatchOperation[]): void {
  const { before, after, shown, path } = place
  if (isObject(before) && isObject(after) && isObject(shown)) {
    compareObjects({ before, after, shown, path }, patch)
  } else if (Array.isArray(before) && Array.isArray(after) && Array.isArray(shown)) {
    compareArrays({ before, after, shown, path }, patch)
  } else if (!isEqual(before, after)) {
    patch.push({ op: 'replace', path, value: shown })
  }
}

function compareObjects(
  place: { before: JsonObject; after: JsonObject; shown: JsonObject; path: string },
  patch: PatchOperation[],
): void {
  const { before, after, shown } = place
  for (const name of Object.keys(before)) {
    const path = `${place.path}/${escapeStep(name)}`
    if (!Object.hasOwn(after, name)) patch.push({ op: 'remove', path })
    else compare({ before: before[name], after: after[name], shown: shown[name], path }, patch)
  }
  for (const name of Object.keys(after)) {
    if (Object.hasOwn(before, name)) continue
    patch.push({ op: 'add', path: `${place.path}/${escapeStep(name)}`, value: shown[name] })
  }
}

function compareArrays(
  place: { before: unknown[]; after: unknown[]; shown: unknown[]; path: string },
  patch: PatchOperation[],
): void {
  const { before, after, shown } = place
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && isEqual(before[head], after[head])) head += 1
  let tail = 0
  while (tail < shorter - head && isEqual(before.at(-1 - tail), after.at(-1 - tail))) tail += 1
  for (let at = head; at < shorter - tail; at += 1) {
    const path = `${place.path}/${at}`
    compare({ before: before[at], after: after[at], shown: shown[at], path }, patch)
  }
  // From the end, so that each index is still what it was.
  for (let at = before.length - tail - 1; at >= shorter - tail; at -= 1) {
    patch.push({ op: 'remove', path: `${place.path}/${at}` })
  }
  for (let at = shorter - tail; at < after.length - tail; at += 1) {
    patch.push({ op: 'add', path: `${place.path}/${at}`, value: shown[at] })
  }
}

/** Of JSON values; the order of members means nothing. */
function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (Array.isArray(one)) {
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, at) => isEqual(item, other[at]))
    )
  }
  if (!isObject(one) || !isObject(other)) return false
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
  )
}
