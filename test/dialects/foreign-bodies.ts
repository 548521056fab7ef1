import fc from 'fast-check'

/** Values that programs send where they should not, and what stores and parsers stumble on. */
const odd = fc.constantFrom<unknown>(
  ...[null, true, false, 0, -1, 1.5, 1e21, 253_402_300_800, '', ' ', '.', '..', '\n', '%00'],
  ...[
    'a'.repeat(300),
    '\ud83d\ude00',
    '__proto__',
    '2026-13-01T00:00:00Z',
    [],
    [[]],
    {},
    { a: null },
  ],
  ...[{ constructor: 1 }, ['x', 1, null]],
  // What a careless `String(value)` calls, and finds to be no function.
  { toString: 1, valueOf: 1, toJSON: 1, length: 1 },
)
const value = fc.oneof({ arbitrary: odd, weight: 3 }, fc.jsonValue({ maxDepth: 4 }))

/**
 * A valid body with one to three places changed: a member put, taken away, renamed or given once
 * more as `valueOf`, or the whole replaced.
 */
function mutated(valid: unknown): fc.Arbitrary<unknown> {
  const change = fc.record({
    // The whole is replaced more rarely than what is in it.
    at: fc.oneof(
      { arbitrary: fc.array(fc.nat(7), { minLength: 2, maxLength: 4 }), weight: 4 },
      { arbitrary: fc.array(fc.nat(7), { maxLength: 1 }), weight: 1 },
    ),
    how: fc.constantFrom('replace', 'remove', 'rename', 'double', 'shadow'),
    value,
  })
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce<unknown>(apply, structuredClone(valid)))
}

interface Change {
  readonly at: readonly number[]
  readonly how: string
  readonly value: unknown
}

function apply(target: unknown, change: Change): unknown {
  const [first, ...rest] = change.at
  if (first === undefined || typeof target !== 'object' || target === null) {
    return structuredClone(change.value)
  }
  const names = Object.keys(target)
  const name = names[first % Math.max(1, names.length)] ?? 'added'
  const members = target as Record<string, unknown> // of JSON, arrays too
  if (rest.length > 0) members[name] = apply(members[name], { ...change, at: rest })
  else if (change.how === 'remove') delete members[name]
  else if (change.how === 'rename') members[`${name}x`] = structuredClone(members[name])
  // A name that every object has, where names are looked up.
  else if (change.how === 'shadow') Object.assign(target, { valueOf: members[name] })
  else if (change.how === 'double') members[name] = [members[name], structuredClone(members[name])]
  else members[name] = structuredClone(change.value)
  return target
}

/** One JSON text, or one each for the items of an array. */
export function encodeBody(body: unknown, areLines = false): string {
  const lines = areLines && Array.isArray(body) ? body : [body]
  return lines.map((line) => JSON.stringify(line) ?? '').join('\n')
}

/**
 * Bodies on the wire: near to valid ones, far from them, cut short, and no JSON at all.
 * @param areLines whether the items of an array stand on a line each
 */
export function foreignBodies(
  valid: readonly unknown[],
  areLines = false,
): fc.Arbitrary<Uint8Array> {
  const near = fc.oneof(...valid.map(mutated)).map((body) => encodeBody(body, areLines))
  const text = fc.oneof({ arbitrary: near, weight: 6 }, { arbitrary: fc.json(), weight: 2 })
  const cut = fc
    .tuple(near, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([body, share]) => body.slice(0, Math.floor(body.length * share)))
  return fc.oneof(
    { arbitrary: text.map((body) => Buffer.from(body)), weight: 6 },
    { arbitrary: cut.map((body) => Buffer.from(body)), weight: 1 },
    { arbitrary: fc.uint8Array({ maxLength: 200 }), weight: 1 },
  )
}

/** Parameters of a URL, as people mistype them and strangers try them; some are no valid escapes. */
export function foreignQueries(names: readonly string[]): fc.Arbitrary<string> {
  const name = fc.constantFrom(...names, 'unknown', '__proto__', '')
  const text = fc.oneof(
    fc.constantFrom('', '*', '%00', '%ff', '%', '-1', '1e9', '9'.repeat(30), 'x'.repeat(3_000)),
    fc.constantFrom('_system', '..', '2026-01-01', '2026-13-01', 'true', '"', 'a:b', '(', '[]'),
    fc.string().map((any) => encodeURIComponent(any.toWellFormed())),
  )
  return fc
    .array(fc.tuple(name, text), { maxLength: 3 })
    .map((pairs) => pairs.map((pair, n) => `${n === 0 ? '?' : '&'}${pair.join('=')}`).join(''))
}

/** Bytes near to valid ones of a binary format: some changed, cut short, or twice. */
export function foreignBytes(valid: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(valid.length - 1), fc.nat(255))
  const changed = fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const bytes = Uint8Array.from(valid)
    for (const [at, byte] of changes) bytes[at] = byte
    return bytes
  })
  const cut = fc.nat(valid.length).map((end) => valid.subarray(0, end))
  const doubled = fc
    .tuple(fc.nat(valid.length), fc.nat(valid.length))
    .map(([from, to]) => Uint8Array.from([...valid.subarray(0, to), ...valid.subarray(from)]))
  return fc.oneof({ arbitrary: changed, weight: 4 }, cut, doubled, fc.uint8Array({ maxLength: 60 }))
}
