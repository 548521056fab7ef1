import { type Scope, scopes } from '@indelible/protocol'
import { expect, test } from 'vitest'
import { assertMayGrant, findTenantFaults, holds } from './grants.ts'
import type { Principal } from './principal.ts'

const principal = (held: readonly Scope[], ...tenants: string[]): Principal => ({
  kind: 'user',
  id: 'u',
  name: 'u',
  scopes: held,
  tenants,
})
const insufficient = expect.objectContaining({ code: 'scope-insufficient' })

test('nobody grants a scope or a tenant they do not hold (P-02)', () => {
  const ofAcme = principal(['read', 'admin'], 'acme')
  assertMayGrant(ofAcme, { scopes: ['read'], tenants: ['acme'] })
  for (const grant of [
    { scopes: ['append' as const], tenants: ['acme'] },
    { scopes: ['read' as const], tenants: ['beta'] },
    { scopes: ['read' as const], tenants: ['acme', 'beta'] },
    { scopes: ['read' as const], tenants: ['*'] },
    { scopes: ['read' as const], tenants: ['_system'] },
  ]) {
    expect(() => assertMayGrant(ofAcme, grant)).toThrow(insufficient)
  }
})

test('without the scope admin nothing is granted (P-02)', () => {
  const reader = principal(['read'], '*')
  expect(() => assertMayGrant(reader, { scopes: ['read'], tenants: ['acme'] })).toThrow(
    insufficient,
  )
})

test('* does not reach _system; the root key does', () => {
  const grant = { scopes: ['read' as const], tenants: ['_system'] }
  expect(holds(principal(scopes, '*'), grant)).toBe(false)
  expect(holds(principal(scopes, '*', '_system'), grant)).toBe(true)
  expect(holds({ ...principal(scopes, '*'), kind: 'root' }, grant)).toBe(true)
})

test('faults of a grant’s tenants are named by pointer', () => {
  expect(findTenantFaults(['acme', '*', '_system'])).toEqual([])
  expect(findTenantFaults([])).toHaveLength(1)
  expect(findTenantFaults(['acme', '_mine', 'a b', 'acme']).map((fault) => fault.pointer)).toEqual([
    '/tenants/1',
    '/tenants/2',
    '/tenants/3',
  ])
})
