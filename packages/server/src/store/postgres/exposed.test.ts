import { expect, test } from 'vitest'
import { isExposed } from './exposed.ts'

test.each([
  ['postgres://u@db.internal/audit', true],
  ['postgres://u@db.internal/audit?sslmode=disable', true],
  ['postgres://u@db.internal/audit?sslmode=no-verify', true],
  ['postgres://u@127.0.0.1/audit?host=db.internal', true],
  ['postgres://u@db.internal/audit?sslmode=require&uselibpqcompat=true', true],
  ['postgres://u@db.internal/audit?sslmode=verify-full', false],
  ['postgres://u@db.internal/audit?ssl=true', false],
  ['postgres://u@localhost:5433/audit', false],
  ['postgres://u@127.0.0.1/audit', false],
  ['postgres://u@[::1]/audit', false],
  ['postgres://u@%2Fvar%2Frun%2Fpostgresql/audit', false],
  ['postgres:///audit?host=/var/run/postgresql', false],
])('whoever listens on the way to %s learns something: %s (C-12)', (url, expected) => {
  expect(isExposed(url)).toBe(expected)
})

test('a mode of TLS may come from the environment', () => {
  expect(isExposed('postgres://u@db.internal/audit', 'verify-full')).toBe(false)
  expect(isExposed('postgres://u@db.internal/audit?sslmode=disable', 'verify-full')).toBe(true)
})
