import { useQuery } from '@tanstack/react-query'
import { listTenants } from '../../api/administration.ts'

export const tenantsKey = ['tenants'] as const

/** Every tenant that has a log and is within reach. */
export const useTenants = () =>
  useQuery({ queryKey: tenantsKey, queryFn: ({ signal }) => listTenants(signal) })
