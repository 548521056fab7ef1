import type { Scope } from '@indelible/protocol'
import { testAdminPassword } from '@indelible/testkit'

/** A route of a dialect that keeps no event. */
export interface DialectQuestion {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** As it is registered. */
  readonly route: string
  /** What stands for what the route leaves open; `tenant` is the caller's own. */
  readonly fill?: (tenant: string) => Readonly<Record<string, string>>
  /** A body that is taken. */
  readonly body?: (tenant: string) => object
  /** Parameters that it knows. */
  readonly parameters?: readonly string[]
  /** The scope without which it is refused; none where it gives nothing that is anybody's. */
  readonly needs?: Scope
}

const project = () => ({ ':project': 'p', ':id': 'e30' })
const organization = (tenant: string) => ({ ':id': tenant })
const metadata = { type: 'object', properties: { a: { type: 'string' } } }
const search = {
  query:
    'query Search($query: String!) { search(query: $query, last: 5) { totalCount edges { node { id actor { id } } } } }',
  variables: { query: 'action:"user.*" crud:c,u received:2026-01-01,', last: 5, before: '' },
}
const times = ['timestamp_start_utc', 'timestamp_end_utc', 'offset', 'limit', 'tenant']

const retraced: readonly DialectQuestion[] = [
  {
    ...{
      method: 'GET',
      needs: 'read',
      route: '/publisher/v1/project/:project/viewertoken',
      fill: project,
    },
    parameters: ['group_id', 'actor_id', 'is_admin', 'target_id'],
  },
  {
    ...{
      method: 'POST',
      needs: 'read',
      route: '/publisher/v1/project/:project/graphql',
      fill: project,
    },
    body: () => search,
  },
  { method: 'POST', route: '/viewer/v1/viewersession', body: () => ({ token: 'x' }) },
  { method: 'POST', needs: 'read', route: '/viewer/v1/graphql', body: () => search },
  { method: 'GET', route: '/viewer/v1/project/:project/exports', fill: project },
  {
    ...{ method: 'POST', route: '/viewer/v1/project/:project/export', fill: project },
    body: () => ({
      exportBody: { searchQuery: 'action:a', showRead: false, startTime: 1, endTime: null },
    }),
  },
  {
    method: 'GET',
    needs: 'export',
    route: '/viewer/v1/project/:project/export/:id/rendered',
    fill: project,
  },
  { method: 'GET', route: '/viewer/v1/project/:project/eitapi_tokens', fill: project },
  {
    ...{ method: 'POST', route: '/viewer/v1/project/:project/eitapi_token', fill: project },
    body: () => ({ displayName: 'x' }),
  },
  {
    ...{ method: 'PUT', route: '/viewer/v1/project/:project/eitapi_token/:id', fill: project },
    body: () => ({ displayName: 'x' }),
  },
  { method: 'DELETE', route: '/viewer/v1/project/:project/eitapi_token/:id', fill: project },
]

const workos: readonly DialectQuestion[] = [
  {
    ...{ method: 'POST', needs: 'export', route: '/audit_logs/exports' },
    body: (organization_id) => ({
      ...{ organization_id, range_start: '2026-01-01', range_end: '2026-02-01' },
      ...{ actions: ['a'], actor_ids: ['u'], actor_names: ['U'], targets: ['t'] },
    }),
  },
  {
    method: 'GET',
    route: '/audit_logs/exports/*',
    fill: () => ({ '*': 'audit_log_export_WyJhIl0' }),
  },
  { method: 'GET', route: '/audit_logs/export.csv', parameters: ['token', 'q', 'tenant'] },
  {
    ...{
      method: 'POST',
      needs: 'admin',
      route: '/audit_logs/actions/*',
      fill: () => ({ '*': 'a.b/schemas' }),
    },
    body: () => ({ targets: [{ type: 't', metadata }], actor: { metadata }, metadata }),
  },
  {
    ...{
      method: 'GET',
      needs: 'admin',
      route: '/audit_logs/actions/*',
      fill: () => ({ '*': 'a.b/schemas' }),
    },
    parameters: ['order', 'limit', 'before', 'after'],
  },
  {
    method: 'GET',
    needs: 'read',
    route: '/organizations/:id/audit_logs_retention',
    fill: organization,
  },
  {
    ...{
      method: 'PUT',
      needs: 'admin',
      route: '/organizations/:id/audit_logs_retention',
      fill: organization,
    },
    body: () => ({ retention_period: '1_YEAR' }),
  },
  {
    method: 'GET',
    needs: 'read',
    route: '/organizations/:id/audit_log_configuration',
    fill: organization,
  },
  {
    ...{ method: 'POST', needs: 'read', route: '/portal/generate_link' },
    body: (tenant) => ({ intent: 'audit_logs', organization: tenant }),
  },
]

/** Every route of every dialect, but those that keep events (targets.ts). */
export const dialectQuestions: readonly DialectQuestion[] = [
  { method: 'GET', route: '/access-token', parameters: ['valid_minutes', 'tenant'] },
  {
    ...{ method: 'POST', route: '/login' },
    body: () => ({ username: 'admin', password: testAdminPassword }),
  },
  {
    method: 'GET',
    needs: 'read',
    route: '/event',
    parameters: ['event_type', 'customer_id', ...times],
  },
  {
    method: 'GET',
    needs: 'read',
    route: '/events',
    parameters: ['event_details.field', 'region', ...times],
  },
  {
    method: 'GET',
    needs: 'read',
    route: '/event/:id',
    fill: () => ({ ':id': 'e-1' }),
    parameters: ['tenant'],
  },
  ...retraced.map((one) => ({ ...one, route: `/auditlog${one.route}` })),
  ...workos,
]
