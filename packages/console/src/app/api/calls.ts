import type { Entry, EntryPage, LogInfo, Scope } from '@indelible/protocol'
import { requestJson, requestNothing, requestText } from './request.ts'

/** Who is signed in, and what they may see. */
export interface SessionInfo {
  /** `root`, `key`, `user` or `viewer`. */
  readonly kind: string
  readonly id: string
  readonly name: string
  readonly role?: string | null
  readonly scopes: readonly Scope[]
  readonly tenants: readonly string[]
  readonly filter: string | null
  /** RFC 3339; null for a credential that does not end by itself. */
  readonly expires: string | null
}

/** What a read of events asks for; `since` and `until` are instants of the grammar. */
export interface Filters {
  readonly tenant?: string | undefined
  readonly q?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export interface HistogramAnswer {
  readonly interval: string
  readonly complete: boolean
  readonly buckets: readonly {
    readonly time: string
    readonly count: number
    readonly values?: Readonly<Record<string, number>>
  }[]
}

export interface ValuesAnswer {
  readonly values: readonly { readonly value: string; readonly count: number }[]
}

type Parameters = Readonly<Record<string, string | number | null | undefined>>

/** A path with its parameters; those without a value are left out. */
export function withParameters(path: string, parameters: object): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters as Parameters)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

const logPath = (tenant: string) => `/v1/logs/${encodeURIComponent(tenant)}`
export const checkpointPath = (tenant: string): string => `${logPath(tenant)}/checkpoint`
const eventPath = (id: string) => `/v1/events/${encodeURIComponent(id)}`

export const receiptPath = (tenant: string, id: string): string =>
  withParameters(`${eventPath(id)}/receipt`, { tenant })

export const entryPath = (tenant: string, id: string): string =>
  withParameters(eventPath(id), { tenant })

export const logIn = (username: string, password: string) =>
  requestNothing('/v1/login', { method: 'POST', body: { username, password, cookie: true } })

export const logOut = () => requestNothing('/v1/logout', { method: 'POST' })

export const readSession = (signal: AbortSignal) =>
  requestJson<SessionInfo>('/v1/session', { signal })

export const listLogs = async (signal: AbortSignal) =>
  (await requestJson<{ logs: readonly LogInfo[] }>('/v1/logs', { signal })).logs

export const readLog = (tenant: string, signal: AbortSignal) =>
  requestJson<LogInfo>(logPath(tenant), { signal })

export const readCheckpoint = (tenant: string, signal: AbortSignal) =>
  requestText(checkpointPath(tenant), { signal })

export const readConsistency = (
  tenant: string,
  { from, to }: { readonly from: number; readonly to: number },
  signal: AbortSignal,
) =>
  requestJson<{ hashes: readonly string[] }>(
    withParameters(`${logPath(tenant)}/proofs/consistency`, { from, to }),
    { signal },
  )

export const searchEvents = (
  options: Filters & { readonly cursor?: string | undefined; readonly limit: number },
  signal: AbortSignal,
) => requestJson<EntryPage>(withParameters('/v1/events', options), { signal })

/** @throws Error for another entry than the one asked for: that one would be sound evidence, too. */
export async function readEntry(tenant: string, id: string, signal: AbortSignal): Promise<Entry> {
  const entry = await requestJson<Entry>(entryPath(tenant, id), { signal })
  if (entry.tenant === tenant && entry.event.id === id) return entry
  throw new Error('The service answered with another event than the one asked for.')
}

export const readReceipt = (tenant: string, id: string, signal: AbortSignal) =>
  requestJson<unknown>(receiptPath(tenant, id), { signal })

export const countEvents = (
  options: Filters & { readonly interval: string },
  signal: AbortSignal,
) =>
  requestJson<HistogramAnswer>(withParameters('/v1/histogram', { ...options, by: 'outcome' }), {
    signal,
  })

export const listValues = (
  options: Filters & { readonly field: string; readonly prefix: string; readonly limit: number },
  signal: AbortSignal,
) => requestJson<ValuesAnswer>(withParameters('/v1/values', options), { signal })

export const streamPath = (filters: Filters): string => withParameters('/v1/stream', filters)

export const exportPath = (filters: Filters, format: 'ndjson' | 'csv' | 'receipts'): string =>
  withParameters('/v1/export', { ...filters, format })
