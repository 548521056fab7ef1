import { expect, test } from 'vitest'
import { redactRecord } from './redact-record.ts'

const redact = (text: string) => text.replaceAll('sesame', '…')

test('what people typed is redacted; what we made is kept', () => {
  const record = {
    action: 'token.created',
    actor: { type: 'key', id: 'sesame', name: 'key sesame' },
    targets: [{ type: 'viewer', id: 'sesame', name: 'for sesame' }],
    context: { ip: '192.0.2.1', agent: 'curl sesame' },
    data: { tenant: 'sesame', filter: 'data.password:sesame' },
  }
  expect(redactRecord(record, redact)).toEqual({
    action: 'token.created',
    actor: { type: 'key', id: 'sesame', name: 'key …' },
    targets: [{ type: 'viewer', id: 'sesame', name: 'for …' }],
    context: { ip: '192.0.2.1', agent: 'curl …' },
    data: { tenant: 'sesame', filter: 'data.password:…' },
  })
  expect(redactRecord(record)).toEqual(record)
})

test('the name of a failed log-in may be a secret in the wrong field', () => {
  const actor = { type: 'user', id: 'sesame' }
  const denied = { action: 'session.denied', actor, outcome: 'denied' } as const
  expect(redactRecord(denied, redact).actor).toEqual({ type: 'user', id: '…' })
})
