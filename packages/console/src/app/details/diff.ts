/** One difference between two states: where, and what stood there before and after. */
export interface Difference {
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
  readonly before?: unknown
  readonly after?: unknown
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

/** Whether two JSON values are the same; the order of an object's members means nothing. */
export function equalJson(left: unknown, right: unknown): boolean {
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((value, at) => equalJson(value, right[at]))
  }
  if (isObject(left) && isObject(right)) {
    const names = Object.keys(left)
    return (
      names.length === Object.keys(right).length &&
      names.every((name) => Object.hasOwn(right, name) && equalJson(left[name], right[name]))
    )
  }
  return left === right
}

/**
 * What changed, by member, in the order of the state after. Objects are gone into; lists of scalars
 * are told by what came and what went, other lists element by element.
 */
export function diffStates(before: unknown, after: unknown, path = ''): Difference[] {
  if (equalJson(before, after)) return []
  if (isObject(before) && isObject(after)) return diffObjects(before, after, path)
  if (isList(before) && isList(after)) return diffLists(before, after, path)
  return [{ path, kind: 'changed', before, after }]
}

function diffObjects(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  path: string,
): Difference[] {
  const names = new Set([...Object.keys(after), ...Object.keys(before)])
  return [...names].flatMap((name) => {
    const at = path === '' ? name : `${path}.${name}`
    if (!Object.hasOwn(before, name)) return [{ path: at, kind: 'added', after: after[name] }]
    if (!Object.hasOwn(after, name)) return [{ path: at, kind: 'removed', before: before[name] }]
    return diffStates(before[name], after[name], at)
  })
}

function diffLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
): Difference[] {
  const scalars = [...before, ...after].every((value) => !isObject(value) && !isList(value))
  if (scalars) {
    const gone = without(before, after)
    const come = without(after, before)
    // The same elements in another order.
    if (gone.length + come.length === 0) return [{ path, kind: 'changed', before, after }]
    return [
      ...gone.map((value) => ({ path, kind: 'removed', before: value }) as const),
      ...come.map((value) => ({ path, kind: 'added', after: value }) as const),
    ]
  }
  const length = Math.max(before.length, after.length)
  return Array.from({ length }, (_, at) => at).flatMap((at): Difference[] => {
    const place = `${path}[${at}]`
    if (at >= before.length) return [{ path: place, kind: 'added', after: after[at] }]
    if (at >= after.length) return [{ path: place, kind: 'removed', before: before[at] }]
    return diffStates(before[at], after[at], place)
  })
}

/** What `list` has more often than `other`; a list of 10⁵ elements must not hold up the page. */
function without(list: readonly unknown[], other: readonly unknown[]): unknown[] {
  const counts = new Map<unknown, number>()
  for (const value of other) counts.set(value, (counts.get(value) ?? 0) + 1)
  return list.filter((value) => {
    const left = counts.get(value) ?? 0
    if (left > 0) counts.set(value, left - 1)
    return left === 0
  })
}

/** A value as a person reads it: texts bare, the rest as JSON. */
export const formatJsonValue = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
