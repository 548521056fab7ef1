import type { Entry, Fault, SchemaInfo } from '@indelible/protocol'
import { formatTerm } from '../search/terms.ts'
import { listValues, searchEvents } from './calls.ts'
import { requestJson, requestNothing } from './request.ts'

const listPath = (tenant: string) => `/v1/tenants/${encodeURIComponent(tenant)}/schemas`
const schemaPath = (tenant: string, action: string) =>
  `${listPath(tenant)}/${encodeURIComponent(action)}`

export const listSchemas = async (tenant: string, signal: AbortSignal) =>
  (await requestJson<{ schemas: readonly SchemaInfo[] }>(listPath(tenant), { signal })).schemas

export const setSchema = (tenant: string, action: string, schema: unknown) =>
  requestNothing(schemaPath(tenant, action), { method: 'PUT', body: schema })

export const removeSchema = (tenant: string, action: string) =>
  requestNothing(schemaPath(tenant, action), { method: 'DELETE' })

/** Whether an event would be taken, if the schema were set. */
export const checkSchema = (
  tenant: string,
  action: string,
  body: { readonly event: unknown; readonly schema: unknown },
) =>
  requestJson<{ readonly valid: boolean; readonly errors: readonly Fault[] }>(
    `${schemaPath(tenant, action)}/check`,
    { method: 'POST', body },
  )

/** The newest event of an action; undefined where there is none. */
export async function findExample(tenant: string, action: string): Promise<Entry | undefined> {
  const { signal } = new AbortController()
  const q = formatTerm('action', action)
  return (await searchEvents({ tenant, q, limit: 1 }, signal)).entries[0]
}

/** Actions that there are, the most frequent first. */
export const listActions = async (tenant: string, signal: AbortSignal) =>
  (await listValues({ tenant, field: 'action', prefix: '', limit: 200 }, signal)).values.map(
    ({ value }) => value,
  )
