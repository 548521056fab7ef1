import type { Entry } from '@indelible/protocol'
import { expect, test } from 'vitest'
import { deriveSchema, toSubmission } from './schema-from-example.ts'

const event = {
  ...{ action: 'plan.changed', id: 'e', tenant: 't', time: '2026-11-20T20:11:00.123Z' },
  ...{ outcome: 'success', source: 'billing', actor: { type: 'user', id: 'u_1' } },
  targets: [
    { type: 'account', id: 'a' },
    { type: 'account', id: 'b' },
    { type: 'invoice', id: 'c' },
  ],
  context: { ip: '203.0.113.7' },
  changes: { before: { plan: 'free' }, after: { plan: 'pro' } },
  data: {
    ...{ plan: 'pro', seats: 5, price: 9.5, trial: false, note: null, empty: {} },
    ...{ password: '[redacted:password]', tags: ['a', 'b'], mixed: [1, 'a'] },
  },
}

test('a schema begins with what an example has, and not with what is the service’s to add', () => {
  expect(deriveSchema(event)).toEqual({
    required: ['source', 'targets', 'data'],
    properties: {
      source: { type: 'string' },
      actor: { properties: { type: { enum: ['user'] } } },
      targets: {
        type: 'array',
        minItems: 1,
        items: { properties: { type: { enum: ['account', 'invoice'] } } },
      },
      context: { type: 'object', properties: { ip: { type: 'string' } } },
      changes: { type: 'object' },
      data: {
        type: 'object',
        required: Object.keys(event.data).filter((name) => name !== 'password'),
        properties: {
          ...{ plan: { type: 'string' }, seats: { type: 'integer' }, price: { type: 'number' } },
          ...{ trial: { type: 'boolean' }, note: {}, empty: { type: 'object', properties: {} } },
          password: {},
          tags: { type: 'array', items: { type: 'string' } },
          mixed: { type: 'array' },
        },
      },
    },
  })
})

test('a schema asks for no secret that was taken out of its example, but for what is known by a hash', () => {
  const data = {
    password: '[redacted:password]',
    email: '[hash:email:1f]',
    note: 'to [redacted:card]',
  }
  expect(deriveSchema({ data })).toEqual({
    required: ['data'],
    properties: {
      data: {
        ...{ type: 'object', required: ['email', 'note'] },
        properties: { password: {}, email: {}, note: {} },
      },
    },
  })
})

test('a kept event is submitted anew without its id, its time and its log', () => {
  const entry = { event } as unknown as Entry // nothing else of it is looked at
  const { id, time, tenant, ...rest } = event
  expect(toSubmission(entry)).toEqual(rest)
})
