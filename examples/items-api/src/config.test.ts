import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const least = { INDELIBLE_URL: 'http://127.0.0.1:4680', INDELIBLE_KEY: 'ind_key' }

test('with an Indelible and its key, all else has a default', () => {
  expect(readConfig(least)).toMatchObject({
    host: '127.0.0.1',
    port: 3000,
    indelible: { url: least.INDELIBLE_URL, key: least.INDELIBLE_KEY },
    jwtSecret: undefined,
    admin: { username: 'admin', password: undefined },
    limits: { requestsPerMinute: 300, loginsPerMinute: 10 },
    trustedHops: 0,
  })
})

test('every faulty setting is named at once, and no secret shown', () => {
  const faulty = {
    INDELIBLE_URL: 'localhost',
    PORT: 'http',
    JWT_SECRET: 'too-short-a-secret',
    ADMIN_USERNAME: 'Admin!',
    ADMIN_PASSWORD: 'seven77',
    REQUESTS_PER_MINUTE: '0',
    LOGINS_PER_MINUTE: '-1',
    TRUSTED_HOPS: '99',
    LOG_LEVEL: 'loud',
  }
  const names = [...Object.keys(faulty), 'INDELIBLE_KEY']
  const text = messageOf(() => readConfig(faulty))
  for (const name of names) expect(text).toContain(`- ${name}: `)
  expect(text.match(/^ {2}- /gm)).toHaveLength(names.length)
  expect(text).not.toContain(faulty.JWT_SECRET)
  expect(text).not.toContain(faulty.ADMIN_PASSWORD)
})

function messageOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return String(error)
  }
  return ''
}
