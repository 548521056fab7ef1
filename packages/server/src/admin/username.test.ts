import { expect, test } from 'vitest'
import { parseUsername } from './username.ts'

test('a user name is kept in lower case', () => {
  expect(parseUsername('Ada.Lovelace@Example.com')).toBe('ada.lovelace@example.com')
})

test('nothing folds into somebody else’s name', () => {
  // The Kelvin sign lower-cases to "k", and the long s upper-cases to "S".
  for (const text of [
    '\u212aim',
    'ſam',
    'аda',
    'ada ',
    'ada\0',
    'ada\n',
    '',
    '.ada',
    'a'.repeat(65),
  ]) {
    expect(parseUsername(text)).toBeUndefined()
  }
})
