import type { Scope } from '@indelible/protocol'
import { expect, test } from 'vitest'
import { isTenantName } from '../base/tenant-name.ts'
import type { Principal } from './principal.ts'
import { resolveReadTenants, resolveWriteTenant } from './resolve-tenants.ts'

const scopes: Scope[] = ['append', 'read']
const of = (...tenants: string[]): Principal => ({
  kind: 'key',
  id: 'k',
  name: 'k',
  scopes,
  tenants,
})
const root: Principal = { ...of('*'), kind: 'root' }
const viewer: Principal = { ...of('acme'), kind: 'viewer' }
const existing = ['_system', 'acme', 'beta', 'default']

const refusal = (code: string) => expect.objectContaining({ code })

test('left out, it is the only tenant of the grant, else default where granted, else refused', () => {
  expect(resolveWriteTenant(of('acme'), undefined)).toBe('acme')
  expect(resolveWriteTenant(of('acme', 'default'), undefined)).toBe('default')
  expect(resolveWriteTenant(of('*'), undefined)).toBe('default')
  expect(resolveWriteTenant(root, undefined)).toBe('default')
  expect(resolveReadTenants(of('*', '_system'), undefined, existing)).toEqual(['default'])
  expect(resolveReadTenants(viewer, undefined, existing)).toEqual(['acme'])
  expect(() => resolveWriteTenant(of('acme', 'beta'), undefined)).toThrow(refusal('event-invalid'))
  expect(() => resolveReadTenants(of('acme', 'beta'), undefined, existing)).toThrow(
    refusal('request-invalid'),
  )
})

test('nobody submits events to a tenant of ours, not even the root key', () => {
  for (const principal of [root, of('*', '_system'), of('_system')]) {
    expect(() => resolveWriteTenant(principal, '_system')).toThrow(refusal('scope-insufficient'))
  }
  expect(() => resolveWriteTenant(of('_system'), undefined)).toThrow(refusal('scope-insufficient'))
  expect(() => resolveWriteTenant(root, '_other')).toThrow(refusal('scope-insufficient'))
})

test('a tenant beyond the grant is refused, whether it exists or not, in the same words (T-02)', () => {
  const message = (tenant: string) => {
    try {
      return resolveReadTenants(of('acme'), tenant, existing).join()
    } catch (error) {
      return String(error).replace(tenant, '…')
    }
  }
  expect(message('beta')).toBe(message('nowhere'))
  expect(() => resolveWriteTenant(of('acme'), 'beta')).toThrow(refusal('scope-insufficient'))
  expect(() => resolveReadTenants(viewer, 'beta', existing)).toThrow(refusal('scope-insufficient'))
})

test('* spans every granted tenant but ours, which must be named', () => {
  expect(resolveReadTenants(root, '*', existing)).toEqual(['acme', 'beta', 'default'])
  expect(resolveReadTenants(of('acme', '_system'), '*', existing)).toEqual(['acme'])
  expect(resolveReadTenants(viewer, '*', existing)).toEqual(['acme'])
  expect(resolveReadTenants(of('*', '_system'), '_system', existing)).toEqual(['_system'])
  expect(resolveReadTenants(root, '_system', existing)).toEqual(['_system'])
  expect(() => resolveReadTenants(of('*'), '_system', existing)).toThrow(
    refusal('scope-insufficient'),
  )
})

test('a repeated tenant parameter is refused, even where both are granted (T-03)', () => {
  expect(() => resolveReadTenants(root, ['acme', 'beta'], existing)).toThrow(
    refusal('query-invalid'),
  )
})

test('a tenant is its exact name; nothing is folded, trimmed or escaped (T-19)', () => {
  for (const other of ['ACME', 'acme ', 'аcme', 'acme\0', '', '../acme', 'a'.repeat(130)]) {
    expect(() => resolveReadTenants(of('acme'), other, existing)).toThrow()
  }
  expect(isTenantName('acme-1.eu_West')).toBe(true)
  expect(isTenantName('.acme')).toBe(false)
  expect(isTenantName('acme\n')).toBe(false)
})
