import { expect, test } from 'vitest'
import { formatCurl } from './details/shell-commands.ts'
import { type EventsView, formatView, parseView } from './paths.ts'

test('a link holds all that is shown, and opening it shows the same', () => {
  const view: EventsView = {
    q: 'actor.name:"Zoë & co" -outcome:success',
    tenant: 'acme.1',
    since: 'now-7d',
    until: '2026-11-01T09:30:00Z',
    live: true,
    columns: ['data.plan', 'data.odd name, and & more', 'actor'],
    opened: { tenant: 'acme.1', id: 'a:b~c@+=-' },
  }
  expect(parseView(new URLSearchParams(formatView(view)))).toEqual(view)
  expect(formatView({ q: '  ', live: false })).toBe('')
})

test('columns that can be none, doubles and more than anybody reads are left out', () => {
  const column = (...fields: string[]) =>
    parseView(new URLSearchParams(fields.map((field) => ['column', field]))).columns
  expect(
    column('time', '<b>', 'user.id', 'data.', 'data.a\nb', '', 'x'.repeat(300)),
  ).toBeUndefined()
  expect(column('data.plan', 'index', 'data.plan')).toEqual(['data.plan', 'index'])
  expect(column(...Array.from({ length: 99 }, (_, n) => `data.n${n}`))).toHaveLength(20)
  expect(column('action', 'actor', 'target', 'source', 'ip')).toBeUndefined()
})

test('an address that is none opens nothing', () => {
  for (const event of ['', 'default', 'a/b/c', '/x']) {
    expect(parseView(new URLSearchParams({ event })).opened).toBeUndefined()
  }
})

test('a copied command cannot run more than it says', () => {
  expect(formatCurl("https://log.example'", { tenant: 'default', id: 'e-1' })).toBe(
    "curl 'https://log.example'\\''/v1/events/e-1?tenant=default' -H \"Authorization: Bearer $INDELIBLE_KEY\"",
  )
})
