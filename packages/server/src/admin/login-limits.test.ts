import { limits } from '@indelible/protocol'
import { expect, test } from 'vitest'
import { createLoginLimits, findAddressBlock } from './login-limits.ts'

const from = (username: string, block: string, familiar = false) => ({ username, block, familiar })
const tooMany = expect.objectContaining({ code: 'rate-exceeded', retryAfterS: expect.any(Number) })

async function exhaust(login: ReturnType<typeof createLoginLimits>, username: string) {
  for (let n = 0; n < limits.loginFailuresMax; n++) {
    await login.charge(from(username, `192.0.2.${n}`))
  }
}

test('after too many failures of one user name, from anywhere, the next is told when to return', async () => {
  const login = createLoginLimits()
  await exhaust(login, 'ada')
  await expect(login.charge(from('ada', '198.51.100.1'))).rejects.toEqual(tooMany)
  await login.charge(from('bob', '198.51.100.1'))
})

test('after too many failures of one address, the next is told when to return, whatever the name', async () => {
  const login = createLoginLimits()
  for (let n = 0; n < limits.loginFailuresPerAddressMax; n++) {
    await login.charge(from(`user${n}`, '192.0.2.1'))
  }
  await expect(login.charge(from('another', '192.0.2.1'))).rejects.toEqual(tooMany)
  await login.charge(from('another', '192.0.2.2'))
})

test('a success starts the user name afresh', async () => {
  const login = createLoginLimits()
  await exhaust(login, 'ada')
  await login.clear(from('ada', '192.0.2.1'))
  await exhaust(login, 'ada')
})

test('an attempt that was not decided does not count', async () => {
  const login = createLoginLimits()
  for (let n = 0; n < 2 * limits.loginFailuresPerAddressMax; n++) {
    await login.charge(from('ada', '192.0.2.1'))
    await login.refund(from('ada', '192.0.2.1'))
  }
})

test('strangers do not lock a user out of the place they are logged in from', async () => {
  const login = createLoginLimits()
  await exhaust(login, 'ada')
  await login.charge(from('ada', '198.51.100.1', true))
})

test('an address block is an IPv4 address or an IPv6 /64, however it is spelt (D-12)', () => {
  expect(findAddressBlock('192.0.2.1')).toBe('192.0.2.1')
  expect(findAddressBlock('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(findAddressBlock('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
  expect(findAddressBlock('2001:0DB8:0001:0002::1')).toBe('2001:db8:1:2::/64')
  expect(findAddressBlock('2001:db8::7')).toBe('2001:db8:0:0::/64')
  expect(findAddressBlock('::1')).toBe('0:0:0:0::/64')
  expect(findAddressBlock('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
})
