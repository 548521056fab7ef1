import { expect, test } from 'vitest'
import { findAddress } from './address.ts'
import { createTrail } from './trail.ts'

interface Asked {
  readonly peer?: string
  readonly ip?: string
  readonly forwarded?: string
}
const reader = {
  method: () => 'GET',
  path: () => '/',
  header: ({ forwarded }: Asked, name: string) =>
    name === 'x-forwarded-for' ? forwarded : undefined,
  ip: ({ ip }: Asked) => ip,
  peer: ({ peer }: Asked) => peer,
  id: () => undefined,
  pattern: () => undefined,
  body: () => undefined,
}
const find = (asked: Asked, hops?: number) => findAddress(asked, reader, hops).ip

test.each<[hops: number, forwarded: string | undefined, ip: string]>([
  [0, '6.6.6.6', '10.0.0.1'],
  [1, undefined, '10.0.0.1'],
  [1, '', '10.0.0.1'],
  [1, ' , ,', '10.0.0.1'],
  [1, '2.2.2.2', '2.2.2.2'],
  [1, '6.6.6.6, 2.2.2.2', '2.2.2.2'],
  [2, '6.6.6.6, 2.2.2.2, 10.0.0.2', '2.2.2.2'],
  [2, '2.2.2.2', '2.2.2.2'],
  [9, '1.1.1.1, 2.2.2.2', '1.1.1.1'],
])('behind %i proxies with X-Forwarded-For: %s it is %s', (trustedHops, forwarded, ip) => {
  const asked = { peer: '10.0.0.1', ip: 'the framework’s', ...(forwarded && { forwarded }) }
  expect(find(asked, trustedHops)).toBe(ip)
})

test('without a count it is what the framework was told to trust', () => {
  expect(find({ peer: '10.0.0.1', ip: '2.2.2.2', forwarded: '6.6.6.6' })).toBe('2.2.2.2')
})

test.each([
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['1.2.3.4:5678', '1.2.3.4'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['[::1]', '::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:7f00:1', '::ffff:7f00:1'],
  ['unknown', 'unknown'],
])('an address has one name: %s is %s', (ip, named) => {
  expect(find({ ip })).toBe(named)
})

test('what is claimed is kept beside it, as claimed, within bounds', () => {
  const forwarded = `6.6.6.6\0${', 7.7.7.7'.repeat(1_000)}`
  const found = findAddress({ peer: '10.0.0.1', forwarded }, reader, 0)
  expect(found.ip).toBe('10.0.0.1')
  expect(found.forwarded).toHaveLength(512)
  expect(found.forwarded).toMatch(/^6\.6\.6\.6\uFFFD, 7\.7\.7\.7, /)
  expect(findAddress({}, reader, undefined)).toEqual({})
})

test.each([-1, 0.5, Number.NaN])(
  'a count of proxies that is none is refused: %d',
  (trustedHops) => {
    const client = { append: () => Promise.reject(), record: () => undefined }
    const carrying = {
      ...client,
      run: <T>(_context: unknown, act: () => T) => act(),
      bind: <T>(act: T) => act,
    }
    expect(() => createTrail(carrying, { trustedHops }, reader)).toThrow(RangeError)
  },
)
