import { expect, test } from 'vitest'
import { takeParameters } from './parameters.ts'

/** A frame's address and history, as far as they matter. */
function openFrame(search: string, hash = '', state: unknown = null) {
  const history = {
    state,
    url: `/embed${search}${hash}`,
    replaceState(kept: unknown, _: string, url: string) {
      Object.assign(history, { state: kept, url })
    },
  }
  return { location: { search, hash, pathname: '/embed' }, history }
}

test('a token leaves the address at once, and what is behind # wins', () => {
  const frame = openFrame('?token=one&q=a', '#token=two')
  expect(takeParameters(frame)).toMatchObject({ token: 'two', view: { q: 'a' } })
  expect(frame.history.url).toBe('/embed')
})

test('a frame that is loaded again shows the same', () => {
  const first = openFrame('', '#token=one&q=action%3Aa&theme=dark&accent=%23f00')
  const before = takeParameters(first)
  const again = openFrame('', '', first.history.state)
  expect(takeParameters(again)).toEqual(before)
  expect(before.theme).toEqual({ scheme: 'dark', values: { accent: '#f00' } })
})

test('a link can’t name a tenant, and one without a token says so unless a page gives it', () => {
  expect(takeParameters(openFrame('?tenant=other&q=x')).view.tenant).toBeUndefined()
  expect(takeParameters(openFrame('')).token).toBe('')
  expect(takeParameters(openFrame('', '#connect')).token).toBeUndefined()
  expect(takeParameters(openFrame('', '', 'something else')).token).toBe('')
})
