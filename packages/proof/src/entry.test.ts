import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { entryOf, exampleEntry, exampleParts, saltOf } from '../test/example.ts'
import { formatHex } from './bytes.ts'
import { commitPart, formatEntry, hashEntry, parseEntry } from './entry.ts'
import { VerificationError } from './error.ts'

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
  } catch (error) {
    if (error instanceof VerificationError) return error.code
    throw error
  }
  return undefined
}

test('the example of the evidence format has its text and its leaf hash', () => {
  expect(exampleEntry).toBe(
    'indelible-entry/v1\ntype event\ntime 1795205460123\n' +
      'part actor KQzaqu1NnidgDHQ2LHu5zpGaAIF/OSyDIM9zEDlCq38=\n' +
      'part core YJGF8V18FaQQpo+EUsLDUot2XLne8yXhIPbUfEb0IyY=\n' +
      'part data bhmjqY1Lh5gJN7jfv9KtZ/NMpCoWy6LsB2W0qL6t0So=\n',
  )
  expect(formatHex(hashEntry(exampleEntry))).toBe(
    '55179f3e6bf7c8da6d5ce91f935f9f85616fd686d60f8ceaeb6e2b8c98d1fabb',
  )
})

test('a commitment is the hash of salt, domain, label and text, byte for byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.string(), (salt, text) => {
      const expected = createHash('sha256')
        .update(salt)
        .update(`indelible-part/v1\nchanges\n${text}`)
        .digest('hex')
      expect(formatHex(commitPart('changes', text, salt))).toBe(expected)
      expect(formatHex(commitPart('changes', Buffer.from(text), salt))).toBe(expected)
    }),
  )
})

test('what is formatted is read back, whatever the order of its parts', () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/)
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
  const commitments = fc.dictionary(label, hash, { maxKeys: 15 })
  fc.assert(
    fc.property(label, fc.maxSafeInteger(), commitments, hash, (type, time, others, core) => {
      const fields = { type, time: Math.abs(time), commitments: { ...others, core } }
      const parsed = parseEntry(formatEntry(fields))
      expect(parsed).toMatchObject({ type, time: fields.time })
      expect([...parsed.commitments.keys()]).toEqual(Object.keys(fields.commitments).sort())
      for (const [name, value] of parsed.commitments) {
        expect(value).toEqual(new Map(Object.entries(fields.commitments)).get(name))
      }
    }),
  )
})

test('an entry with any one character changed is another entry or none', () => {
  const hash = formatHex(hashEntry(exampleEntry))
  for (let at = 0; at < exampleEntry.length; at += 1) {
    for (const other of ['', ' ', '\n', '\r', '0', 'A', '=', 'é']) {
      const changed = exampleEntry.slice(0, at) + other + exampleEntry.slice(at + 1)
      if (changed === exampleEntry || codeOf(() => parseEntry(changed)) !== undefined) continue
      expect(formatHex(hashEntry(changed))).not.toBe(hash)
      const { type, time, commitments } = parseEntry(changed)
      expect(formatEntry({ type, time, commitments: Object.fromEntries(commitments) })).toBe(
        changed,
      )
    }
  }
})

test('fields that cannot be an entry are refused', () => {
  const core = new Uint8Array(32)
  const good = { type: 'event', time: 1, commitments: { core } }
  const many = Array.from({ length: 16 }, (_, at) => [`part${at}`, core])
  const bad = [
    ...['', 'Event', 'e vent', '1event', 'event\n', 'e'.repeat(32)].map((type) => ({ type })),
    ...[-1, 1.5, Number.NaN, 2 ** 53].map((time) => ({ time })),
    ...[
      {},
      { actor: core },
      { core: core.slice(1) },
      { core, Actor: core },
      { core, '': core },
    ].map((commitments) => ({ commitments })),
    { commitments: { core, ...Object.fromEntries(many) } },
  ]
  for (const other of bad) {
    const fields: Parameters<typeof formatEntry>[0] = { ...good, ...other }
    expect(
      codeOf(() => formatEntry(fields)),
      JSON.stringify(other),
    ).toBe('entry-malformed')
  }
  expect(codeOf(() => formatEntry(good))).toBeUndefined()
})

test('an entry longer than any can be is refused unread', () => {
  expect(codeOf(() => parseEntry(exampleEntry + '\n'.repeat(1_000_000)))).toBe('entry-malformed')
})

test('a text that UTF-8 cannot carry gets no commitment', () => {
  for (const text of ['"\ud800"', '"\udfff"', '"\udc00\ud800"']) {
    expect(codeOf(() => commitPart('core', text, saltOf(1)))).toBe('part-malformed')
  }
  expect(codeOf(() => commitPart('core', '"\ud83d\ude00"', saltOf(1)))).toBeUndefined()
})

test('a salt of another length, or a label that is none, gets no commitment', () => {
  expect(codeOf(() => commitPart('core', '{}', new Uint8Array(15)))).toBe('part-malformed')
  expect(codeOf(() => commitPart('core', '{}', new Uint8Array(17)))).toBe('part-malformed')
  expect(codeOf(() => commitPart('co\nre', '{}', saltOf(1)))).toBe('part-malformed')
})

test('one part changed leaves the commitments of the others as they were', () => {
  const changed = entryOf({ ...exampleParts, data: { salt: 9, text: '{}' } })
  const [before, after] = [parseEntry(exampleEntry), parseEntry(changed)]
  expect(after.commitments.get('core')).toEqual(before.commitments.get('core'))
  expect(after.commitments.get('data')).not.toEqual(before.commitments.get('data'))
})
