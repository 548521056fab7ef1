import { expect, test } from 'vitest'
import { wordsOf } from './words.ts'

test.each([
  ['customer.account.created', ['customer', 'account', 'created']],
  ['Two  words, ONE line', ['two', 'words', 'one', 'line']],
  ['alice@example.com', ['alice', 'example', 'com']],
  ['10.0.0.7 v1.2 1.5. a.1 1.a', ['10.0.0.7', 'v1.2', '1.5', 'a', '1', '1', 'a']],
  ['u_1842 x86_64 user_login _x_ a__1', ['u_1842', 'x86_64', 'user', 'login', 'x', 'a', '1']],
  ['req 875240AC-e821-4fc6-a311-8c352a1d20f5!', ['req', '875240ac-e821-4fc6-a311-8c352a1d20f5']],
  ['875240ac-e821-4fc6-a311-8c352a1d20f5x', ['875240ac', 'e821', '4fc6', 'a311', '8c352a1d20f5x']],
  ['Zoë ZOE\u0308 ΟΔΟΣ οδος', ['zoë', 'zoë', 'οδοσ', 'οδοσ']],
  ['日本 😀 𐐀b naïve', ['日本', '𐐨b', 'naïve']],
  ['--- ...', []],
])('the words of %j are %j', (text, words) => {
  expect(wordsOf(text)).toEqual(words)
})
