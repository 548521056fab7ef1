import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const given = {
  DATABASE_URL: 'postgres://127.0.0.1/profiles',
  INDELIBLE_URL: 'http://127.0.0.1:4680',
  INDELIBLE_KEY: 'ind_key',
}
const key = 'a-key-of-twenty-chars'

test('what is left out has its default', () => {
  expect(readConfig(given)).toMatchObject({
    host: '127.0.0.1',
    port: 3002,
    operators: undefined,
    trustedHops: 0,
    sentryDsn: undefined,
  })
})

test('API keys name their operators', () => {
  const { operators } = readConfig({ ...given, API_KEYS: `alice:${key}, bob:${key}:b` })
  expect(operators).toEqual([
    { name: 'alice', key },
    { name: 'bob', key: `${key}:b` },
  ])
})

test('every fault is named at once, and no secret with it', () => {
  const read = () =>
    readConfig({
      DATABASE_URL: 'mysql://root:hunter2@db',
      INDELIBLE_URL: 'audit.example',
      PORT: '70000',
      LOG_LEVEL: 'loud',
      API_KEYS: 'alice:hunter2,,bob',
    })
  const names = ['DATABASE_URL', 'INDELIBLE_URL', 'INDELIBLE_KEY', 'PORT', 'LOG_LEVEL', 'API_KEYS']
  for (const name of names) expect(read).toThrow(name)
  expect(read).not.toThrow('hunter2')
})

test.each([
  ['short', 'alice:short'],
  ['twice given', `alice:${key},bob:${key}`],
  ['named twice', `alice:${key},alice:${key}-2`],
  ['without a name', `:${key}`],
])('a key that is %s is refused', (_what, keys) => {
  expect(() => readConfig({ ...given, API_KEYS: keys })).toThrow('API_KEYS')
})

test('.env.example is valid as it stands', () => {
  const example = parseEnv(readFileSync(join(import.meta.dirname, '../.env.example'), 'utf8'))
  expect(readConfig({ ...given, ...example }).port).toBe(3002)
})
