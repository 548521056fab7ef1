import { expect, test } from 'vitest'
import { protectNegatedTerms } from './search-flags.ts'

test('negated terms are no flags', () => {
  expect(protectNegatedTerms(['actor:u_1', '-outcome:success', '--limit', '5'])).toEqual([
    ...['actor:u_1', '--limit', '5', '--', '-outcome:success'],
  ])
})

test('flags stay flags, and what follows -- stays behind it', () => {
  expect(protectNegatedTerms(['-h'])).toEqual(['-h'])
  expect(protectNegatedTerms(['--all', '--', '--x', '-y'])).toEqual(['--all', '--', '--x', '-y'])
})
