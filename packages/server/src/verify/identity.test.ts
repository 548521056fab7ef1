import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readIdentity } from './identity.ts'

const time = '2026-11-20T20:11:00.123Z'
const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/)

test('identity cut out of a core is the one that parsing gives, whatever the other members hold', () => {
  const any = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(',"id":"x","tenant":"y"', '"', '\\","id":"z', ',"tenant":"t"}'),
  )
  const core = fc.record(
    { action: any, id: name, outcome: fc.constant('success'), source: any, tenant: name },
    { requiredKeys: ['action', 'id', 'outcome', 'tenant'] },
  )
  fc.assert(
    fc.property(core, ({ action, id, outcome, source, tenant }) => {
      const members = source === undefined ? { outcome } : { outcome, source }
      const text = JSON.stringify({ action, id, ...members, tenant, time })
      expect(readIdentity(text)).toEqual({ id, tenant })
    }),
  )
})

test('a core of another shape is parsed, and one that names nobody has no identity', () => {
  const other = JSON.stringify({ erases: [], id: 'e', tenant: 't', by: 'x' })
  expect(readIdentity(other)).toEqual({ id: 'e', tenant: 't' })
  expect(readIdentity('{"erases":[]}')).toBeUndefined()
  expect(readIdentity('no JSON')).toBeUndefined()
})
