import { expect, test } from 'vitest'
import { readNames, readNumber, readText, readTime } from './values.ts'

const form = (value: string) => {
  const values = new FormData()
  values.set('field', value)
  return values
}

test('what was left empty is no value, not an empty one or a zero', () => {
  for (const empty of [form(''), form('  \n'), new FormData()]) {
    expect(readText(empty, 'field')).toBe(undefined)
    expect(readNumber(empty, 'field')).toBe(undefined)
    expect(readTime(empty, 'field', { utc: true })).toBe(undefined)
    expect(readNames(empty, 'field')).toEqual([])
  }
})

test('names stand between commas, spaces or lines', () => {
  expect(readNames(form(' acme,beta , gamma\n*'), 'field')).toEqual(['acme', 'beta', 'gamma', '*'])
})

test('a time is read in UTC or in the reader’s zone; what is none goes to the service as it is', () => {
  const typed = '2027-03-01T12:30'
  expect(readTime(form(typed), 'field', { utc: true })).toBe('2027-03-01T12:30:00.000Z')
  const local = readTime(form(typed), 'field', { utc: false })
  expect(local).toBe(new Date(2027, 2, 1, 12, 30).toISOString())
  expect(readTime(form('soon'), 'field', { utc: true })).toBe('soon')
})
