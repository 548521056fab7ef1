import type { Scope } from '@indelible/protocol'
import { requestJson, requestNothing } from './request.ts'

/** A key without its secret. */
export interface KeyInfo {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly tenants: readonly string[]
  readonly created: string
  readonly createdBy: string
  readonly expires: string | null
  readonly lastUsed: string | null
  readonly rate?: number
}

export interface NewKey {
  readonly name: string
  readonly scopes: readonly string[]
  readonly tenants: readonly string[]
  readonly expires?: string | undefined
  readonly rate?: number | undefined
}

export const listKeys = async (signal: AbortSignal) =>
  (await requestJson<{ keys: readonly KeyInfo[] }>('/v1/keys', { signal })).keys

export const createKey = (body: NewKey) =>
  requestJson<KeyInfo & { readonly key: string }>('/v1/keys', { method: 'POST', body })

export const revokeKey = (id: string) =>
  requestNothing(`/v1/keys/${encodeURIComponent(id)}`, { method: 'DELETE' })
