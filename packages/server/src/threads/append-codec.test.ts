import { expect, test } from 'vitest'
import { Refusal } from '../base/refusal.ts'
import { decodeAppend, decodeOutcomes, encodeAppend, encodeOutcomes } from './append-codec.ts'

const event = { tenant: 'a', idStamped: false, timeStamped: true, bytes: 0 }

test('requests come out as they went in, whatever each of them has', () => {
  const requests = [
    { events: [] },
    {
      events: [
        { ...event, id: '1', parts: { core: '{}', actor: '{"id":"u"}', targets: '[]' } },
        { ...event, id: '2', type: 'continuation', idStamped: true, parts: { core: '{"n":1}' } },
        { ...event, id: '4', parts: { core: '' }, faults: [{ pointer: '/data', detail: 'No.' }] },
      ],
    },
    { events: [], createLog: 'b' },
    {
      events: [{ ...event, id: '3', parts: { core: '{}', data: '', changes: 'x', context: 'y' } }],
      changes: [{ kind: 'key' as const, id: 'k', value: null, expect: 'present' as const }],
    },
  ]
  expect(decodeAppend(structuredClone(encodeAppend(requests)))).toEqual(requests)
})

test('outcomes come out as they went in, refusals as refusals', () => {
  const head = { id: '1', tenant: 'a', index: 7, received: 't', hash: 'h' }
  const refusal = new Refusal('clock-behind', { detail: 'd', retryAfterS: 3 })
  const outcomes = [
    { heads: [] },
    { refusal },
    { heads: [head, { ...head, index: 8, duplicate: true as const }] },
  ]
  const [none, refused, both] = decodeOutcomes(structuredClone(encodeOutcomes(outcomes)))
  expect([none, both]).toEqual([outcomes[0], outcomes[2]])
  expect(refused).toEqual({ refusal })
  expect((refused as { refusal: Refusal }).refusal).toBeInstanceOf(Refusal)
})
