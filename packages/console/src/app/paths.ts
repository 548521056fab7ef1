import { readColumns } from './table/chosen-columns.ts'
import type { Range } from './time/range.ts'

/** What the events page shows, all of it: its link shows another person the same. */
export interface EventsView extends Range {
  readonly q: string
  /** Undefined: the caller's usual one. */
  readonly tenant?: string | undefined
  readonly live: boolean
  /** Fields of the columns; undefined: the usual ones. */
  readonly columns?: readonly string[] | undefined
  /** The opened entry. */
  readonly opened?: EntryAddress | undefined
}

export interface EntryAddress {
  readonly tenant: string
  readonly id: string
}

/** Where the service serves the console. */
export const basePath = '/console'

export const emptyView: EventsView = { q: '', live: false }

/** Neither tenants nor ids can hold a slash. */
export const formatAddress = ({ tenant, id }: EntryAddress): string => `${tenant}/${id}`

export function parseAddress(text: string | null): EntryAddress | undefined {
  const [, tenant, id] = /^([^/]+)\/([^/]+)$/.exec(text ?? '') ?? []
  return tenant === undefined || id === undefined ? undefined : { tenant, id }
}

export function parseView(search: URLSearchParams): EventsView {
  return {
    q: search.get('q') ?? '',
    tenant: search.get('tenant') ?? undefined,
    since: search.get('since') ?? undefined,
    until: search.get('until') ?? undefined,
    live: search.has('live'),
    columns: readColumns(search.getAll('column')),
    opened: parseAddress(search.get('event')),
  }
}

export function formatView(view: EventsView): string {
  const { q, tenant, since, until, live, columns = [], opened } = view
  const search = new URLSearchParams()
  const members = { q: q.trim(), tenant, since, until }
  for (const [name, value] of Object.entries(members)) if (value) search.set(name, value)
  if (live) search.set('live', '1')
  for (const column of columns) search.append('column', column)
  if (opened !== undefined) search.set('event', formatAddress(opened))
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}

/** Every link inside the console. */
export const paths = {
  home: '/',
  events: '/events',
  integrity: '/integrity',
  integrityOf: (tenant: string): string => `/integrity?log=${encodeURIComponent(tenant)}`,
  service: '/service',
  administration: '/administration',
  tenants: '/administration/tenants',
  users: '/administration/users',
  keys: '/administration/keys',
  viewerLinks: '/administration/viewer-links',
  redaction: '/administration/redaction',
  schemas: '/administration/schemas',
  eventsView: (view: EventsView): string => `/events${formatView(view)}`,
} as const
