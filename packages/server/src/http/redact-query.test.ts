import { expect, test } from 'vitest'
import { createRedactor } from '../intake/redact.ts'
import { redactParameters, redactQuery } from './redact-query.ts'

const { redact } = createRedactor({ hashSecret: 'of the tests' })

test.each([
  ['data.password:hunter2', 'data.password:[redacted:password]'],
  ['data.otp:123456', 'data.otp:[redacted:otp]'],
  ['-data.password:"two words"', '-data.password:[redacted:password]'],
  ['data.password:a,"b c" actor:u_1', 'data.password:[redacted:password] actor:u_1'],
  ['action:customer.* "two words" since:now-1h', 'action:customer.* "two words" since:now-1h'],
  ['data.url:"https://u:hunter2@x.example"', 'data.url:"https://u:[redacted:password]@x.example"'],
])('a query keeps no secret: %s', (query, kept) => {
  expect(redactQuery(query, redact)).toBe(kept)
})

test('parameters keep no secret, whatever names them', () => {
  const parameters = { q: 'data.otp:1234', 'data.otp': ['1234', '5678'], action: 'a.*' }
  expect(redactParameters(parameters, redact)).toEqual({
    q: 'data.otp:[redacted:otp]',
    'data.otp': ['[redacted:otp]', '[redacted:otp]'],
    action: 'a.*',
  })
})
