import { type Mutation, oddTexts } from './mutation.ts'

const hasQuery = ({ query }: { query: string }): boolean => query !== ''
const encodeOdd = (text: string): string => encodeURIComponent(text.toWellFormed())

/** Changes of method, path and parameters: what is asked for. */
export const targetMutations: readonly Mutation[] = [
  {
    ...{ name: 'another method', weight: 2 },
    apply(draft, random) {
      draft.method = random.pick([
        'GET',
        'POST',
        'PUT',
        'DELETE',
        'PATCH',
        'HEAD',
        'OPTIONS',
        'TRACE',
      ])
    },
  },
  {
    ...{ name: 'a part of the path replaced', weight: 3 },
    apply(draft, random) {
      const parts = draft.path.split('/')
      parts[1 + random.whole(Math.max(1, parts.length - 1))] = encodeOdd(random.pick(oddTexts))
      draft.path = parts.join('/')
    },
  },
  {
    ...{ name: 'a path written otherwise', weight: 1 },
    apply(draft, random) {
      const { path } = draft
      draft.path = random.pick([
        `/${path}`,
        `${path}/`,
        path.replace('/', '/./'),
        path.toUpperCase(),
        `${path}%2f..`,
      ])
    },
  },
  {
    ...{ name: 'a bad escape in the path', weight: 1 },
    apply(draft, random) {
      draft.path += random.pick([
        '%',
        '%zz',
        '%ff',
        '%00',
        '%c0%af',
        '%ed%a0%80',
        ';a=b',
        '?',
        '#x',
      ])
    },
  },
  {
    ...{ name: 'a parameter replaced', weight: 6, fits: hasQuery },
    apply(draft, random) {
      const pairs = draft.query.split('&')
      const at = random.whole(pairs.length)
      pairs[at] = `${pairs[at]?.split('=')[0]}=${encodeOdd(random.pick(oddTexts))}`
      draft.query = pairs.join('&')
    },
  },
  {
    ...{ name: 'a parameter twice', weight: 1, fits: hasQuery },
    apply(draft) {
      draft.query += `&${draft.query}`
    },
  },
  {
    ...{ name: 'a parameter more', weight: 3 },
    apply(draft, random) {
      const name = random.pick([
        'q',
        'tenant',
        'cursor',
        'limit',
        'actor.id',
        'data.x',
        '__proto__',
        'unknown',
        '',
      ])
      const more = `${encodeOdd(name)}=${encodeOdd(random.pick(oddTexts))}`
      draft.query = draft.query === '' ? more : `${draft.query}&${more}`
    },
  },
  {
    ...{ name: 'a parameter that is no UTF-8', weight: 1 },
    apply(draft, random) {
      draft.query += random.pick([
        '&q=%ff',
        '&=',
        '&&&',
        '&%',
        '&q=%c0%af',
        '&a[b]=c',
        '&q=%00',
        '&q',
      ])
    },
  },
  {
    ...{ name: 'very many parameters', weight: 0.2 },
    apply(draft) {
      draft.query += '&a=b'.repeat(1_500)
    },
  },
  {
    ...{ name: 'a faulty query', weight: 3, fits: ({ query }) => /(?:^|&)q=|tenant=/.test(query) },
    apply(draft, random) {
      draft.query += `&q=${encodeOdd(random.pick(faultyQueries))}`
    },
  },
  {
    ...{ name: 'a faulty cursor', weight: 3, fits: ({ path }) => path === '/v1/events' },
    apply(draft, random, { cursor }) {
      const bytes = Buffer.from(cursor, 'base64url')
      const at = random.whole(bytes.length)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.whole(8))
      const made = random.pick([
        bytes.toString('base64url'),
        cursor.slice(0, at),
        `${cursor}A`,
        `${cursor}%3D`,
        cursor,
      ])
      draft.query = random.pick(['limit=5&tenant=still', 'tenant=still&order=asc', 'q=u_1'])
      draft.query += `&cursor=${made}`
    },
  },
]

const faultyQueries = [
  ...['(', 'a:', ':', '"', '-', '--a', 'a:"b', 'a:b:c', 'since:', 'since:x', 'a,b,,', '*', 'ı:İ'],
  ...['a:*b*', '-"" ""', 'until:now-99999999y', 'action:a.*.b', '\\', 'a:\\"', 'x '.repeat(80)],
  ...[`a:${'b,'.repeat(500)}c`, 'data.a.b.c.d.e.f:1', '__proto__:1', '"\u0000"', 'a:\ud83d😀'],
]
