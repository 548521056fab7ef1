import { computeHash } from '@retracedhq/retraced'
import { assert, boolean, dictionary, option, property, record, string } from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal } from '../../base/refusal.ts'
import { translateRetraced } from './retraced.ts'
import { hashRetraced } from './retraced-hash.ts'

const secret = new Uint8Array(32)
const event = { action: 'user.updated', crud: 'u', actor: { id: 'a' } }
const one = (body: unknown) => translateRetraced(body, { shape: 'single', secret })

function refusalOf(act: () => unknown): Refusal {
  try {
    act()
  } catch (error) {
    if (error instanceof Refusal) return error
  }
  throw new Error('nothing was refused')
}

test('the hash of every event is the one that the client computes', () => {
  const pairs = dictionary(string(), string())
  const party = record({ id: string({ minLength: 1 }), name: string() }, { requiredKeys: ['id'] })
  const arbitrary = record(
    {
      action: string({ minLength: 1 }),
      actor: party,
      target: party,
      group: party,
      source_ip: string(),
      is_failure: boolean(),
      is_anonymous: boolean(),
      fields: pairs,
      metadata: pairs,
      external_id: string(),
    },
    { requiredKeys: ['action', 'actor'] },
  )
  assert(
    property(arbitrary, option(string({ minLength: 1 }), { nil: 'id' }), (sent, id) => {
      const { hashOf } = one(JSON.parse(JSON.stringify(sent)))
      expect(hashOf(0, id)).toBe(computeHash(sent, id).hashResult)
    }),
  )
})

test('the hash is that of vectors captured from the service', () => {
  const whole = {
    ...{ action: 'user.updated', target: { id: 't' }, actor: { id: 'a' }, group: { id: 'g' } },
    ...{ source_ip: '1.2.3.4', fields: { 'k:1': 'v;=' }, external_id: 'x1', metadata: { m: '1' } },
  }
  expect(hashRetraced(whole, 'ev1')).toBe(
    'b24508adb5aa6872fdd9d3358c2bdac0d372f578323cfa7c6027a980205cfbd7',
  )
  expect(hashRetraced({ action: 'a.b', is_anonymous: true }, 'id1')).toBe(
    '41cb25ce88849f0a178566f4887b53a5ab80fe77a3fa281bd88656354c7d2b7e',
  )
})

test('what has a place of its own goes there, and everything else is kept as data', () => {
  const { events } = one({
    ...{ ...event, target: { id: 't', type: 'doc', href: 'https://x/t' }, is_failure: true },
    ...{ group: { id: 'g', name: 'G' }, source_ip: '1.2.3.4', created: '2026-11-01T00:00:00Z' },
    ...{ fields: { a: 'b' }, version: '7', unheardOf: [1] },
  })
  expect(events).toEqual([
    {
      ...{ action: 'user.updated', actor: { id: 'a' }, outcome: 'failure' },
      ...{ targets: [{ id: 't', type: 'doc', href: 'https://x/t' }], time: '2026-11-01T00:00:00Z' },
      context: { ip: '1.2.3.4', group: { id: 'g', name: 'G' } },
      data: { crud: 'u', fields: { a: 'b' }, version: '7', unheardOf: [1] },
    },
  ])
})

test('an event that is reported again under its external id is the same, another is not', () => {
  const idOf = (body: object) => one(body).events[0]?.id
  const first = idOf({ ...event, external_id: 'x' })
  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(idOf({ ...event, external_id: 'x' })).toBe(first)
  expect(idOf({ ...event, external_id: 'x', description: 'other' })).not.toBe(first)
  expect(idOf(event)).toBeUndefined()
})

test('an empty group is none, and an anonymous event needs no actor', () => {
  const [draft] = one({ action: 'a.b', is_anonymous: true, group: {}, target: null }).events
  expect(draft).toMatchObject({ actor: { type: 'anonymous' }, context: {} })
  expect(draft).not.toHaveProperty('targets')
})

test('every fault is named at once, where it is in what was sent', () => {
  const faulty = {
    ...{ action: 'a.b', crud: 'x', is_failure: 'no', fields: { deep: {} }, metadata: [] },
    ...{ group: { name: 'g' }, external_id: 7 },
  }
  const refusal = refusalOf(() =>
    translateRetraced({ events: [event, faulty, 3] }, { shape: 'bulk', secret }),
  )
  expect(refusal.code).toBe('event-invalid')
  expect(refusal.errors?.map(({ pointer }) => pointer).sort()).toEqual(
    ['actor', 'crud', 'external_id', 'fields', 'group', 'is_failure', 'metadata']
      .map((name) => `/events/1/${name}`)
      .concat('/events/2'),
  )
  expect(refusalOf(() => translateRetraced([], { shape: 'bulk', secret })).errors).toEqual([
    { pointer: '/events', detail: 'Must be an array of events.' },
  ])
})
