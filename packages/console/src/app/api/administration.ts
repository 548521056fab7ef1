import type { KeyInfo, TenantInfo, UserInfo, ViewerToken } from '@indelible/protocol'
import { requestJson, requestNothing } from './request.ts'

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

export const listTenants = async (signal: AbortSignal) =>
  (await requestJson<{ tenants: readonly TenantInfo[] }>('/v1/tenants', { signal })).tenants

export const createTenant = (body: {
  readonly tenant: string
  readonly name?: string | undefined
}) => requestNothing('/v1/tenants', { method: 'POST', body })

export interface NewUser {
  readonly username: string
  readonly role: string
  readonly tenants: readonly string[]
  readonly password: string
}

const userPath = (username: string) => `/v1/users/${encodeURIComponent(username)}`

export const listUsers = async (signal: AbortSignal) =>
  (await requestJson<{ users: readonly UserInfo[] }>('/v1/users', { signal })).users

export const createUser = (body: NewUser) => requestNothing('/v1/users', { method: 'POST', body })

/** What is left out stays. */
export const changeUser = (
  username: string,
  body: Partial<Omit<NewUser, 'username'>> & { readonly disabled?: boolean },
) => requestNothing(userPath(username), { method: 'PATCH', body })

export const removeUser = (username: string) =>
  requestNothing(userPath(username), { method: 'DELETE' })

/** One's own; every session of one's own ends with it, this one included. */
export const changePassword = (body: { readonly current: string; readonly next: string }) =>
  requestNothing('/v1/password', { method: 'POST', body })

export interface NewViewerToken {
  readonly tenant: string
  readonly filter?: string | undefined
  readonly ttl: number
  readonly name?: string | undefined
  readonly export: boolean
}

export const createViewerToken = (body: NewViewerToken) =>
  requestJson<ViewerToken>('/v1/tokens', { method: 'POST', body })
