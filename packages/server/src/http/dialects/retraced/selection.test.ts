import { graphQLQuery } from '@retracedhq/retraced'
import { expect, test } from 'vitest'
import { readOperation, select } from './selection.ts'

const variables = { query: 'crud:c', last: 10, before: '' }
const read = (query: string, given: object = variables) =>
  readOperation({ query, variables: given })

const everything = {
  ...{ id: true, action: true, description: true, group: { id: true, name: true } },
  ...{ actor: { id: true, name: true, href: true, fields: true }, crud: true, fields: true },
  ...{ target: { id: true, name: true, href: true, type: true, fields: true }, version: true },
  ...{ display: { markdown: true }, received: true, created: true, canonical_time: true },
  ...{ is_failure: true, is_anonymous: true, source_ip: true, country: true, metadata: true },
  ...{ loc_subdiv1: true, loc_subdiv2: true, component: true, external_id: true },
}

test('whatever the client’s mask asks for is understood, the empty mask too', () => {
  for (const mask of [everything, { id: true }, {}]) {
    const { selection, ...asked } = read(graphQLQuery(mask))
    expect(asked).toEqual({ query: 'crud:c', last: 10, before: '' })
    expect([...selection.keys()]).toEqual(['totalCount', 'pageInfo', 'edges'])
  }
  const { selection } = read(graphQLQuery({ actor: { id: true }, target: { type: true } }))
  const node = { id: 'e', actor: { id: 'a', name: 'A' }, target: null }
  const search = {
    totalCount: 1,
    pageInfo: { hasPreviousPage: false },
    edges: [{ cursor: 'c', node }],
  }
  expect(select(selection, search)).toEqual({
    ...{ totalCount: 1, pageInfo: { hasPreviousPage: false } },
    edges: [{ cursor: 'c', node: { actor: { id: 'a' }, target: null } }],
  })
})

test('arguments may be written out, and what is left out has its default', () => {
  const written = read('{ search(query: "a \\"b\\"", last: 5, before: null) { totalCount } }')
  expect(written).toMatchObject({ query: 'a "b"', last: 5, before: '' })
  const bare = read('# all\n query { search { totalCount } } # end')
  expect(bare).toMatchObject({ query: '', last: 20, before: '' })
})

test('what is not this search is refused with its place', () => {
  const refused: [string, object, RegExp][] = [
    ['', {}, /"{" is missing before the end/],
    ['mutation { search { totalCount } }', {}, /"{" is missing before "mutation"/],
    ['{ search { totalCount secret } }', {}, /no field "secret" in "search"/],
    ['{ search { constructor } }', {}, /no field "constructor"/],
    ['{ search { edges { node { id { x } } } } }', {}, /a name is missing before "{"/],
    ['{ search { edges } }', {}, /"{" is missing before "}"/],
    ['{ a: search { totalCount } }', {}, /"search" is missing before "a"/],
    ['{ search { totalCount } search { totalCount } }', {}, /"}" is missing before "search"/],
    ['{ search { ...all } }', {}, /a name is missing before "\.\.\."/],
    ['query ($a: Int', {}, /"\)" is missing before the end/],
    ['{ search(first: 5) { totalCount } }', {}, /no argument "first"/],
    ['{ search(last: 0) { totalCount } }', {}, /"last" must be a whole number from 1 to 1000/],
    ['{ search(last: $n) { totalCount } }', { n: 1e9 }, /"last" must be/],
    ['{ search(query: $q) { totalCount } }', { q: {} }, /must be a text/],
    ['{ search(query: [1]) { totalCount } }', {}, /no value: "\["/],
    ['{ search % }', {}, /no GraphQL at character 9/],
    ['#'.repeat(5_000), {}, /missing before the end/],
    [`${'#'.repeat(5_000)}\n%`, {}, /no GraphQL/],
  ]
  for (const [query, given, reason] of refused) {
    expect(() => read(query, given), query.slice(0, 60)).toThrow(reason)
  }
  expect(() => readOperation([])).toThrow(/the body must be/)
  expect(() => readOperation({ query: 5 })).toThrow(/"query" must be a text/)
})
