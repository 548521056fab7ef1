import type { AuditFinding, AuditState } from '@indelible/protocol'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { readAudits, startAudit } from '../../api/service.ts'
import { visibleText } from '../../ui/visible-text.ts'

const auditsKey = ['audits'] as const

/** How the service's audits of itself stand; followed closely while one is under way. */
export const useAudits = (enabled = true) =>
  useQuery<AuditState>({
    queryKey: auditsKey,
    enabled,
    queryFn: ({ signal }) => readAudits(signal),
    refetchInterval: ({ state }) => ((state.data?.running ?? null) === null ? 60_000 : 1_000),
    staleTime: 10_000,
  })

/** Starts one, or joins the one that is under way. */
export function useStartAudit() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: startAudit,
    onSuccess: async (state) => {
      await client.cancelQueries({ queryKey: auditsKey })
      client.setQueryData<AuditState>(auditsKey, state)
    },
  })
}

/** `default, entries 4 to 7`: where something is wrong. */
export function formatPlace({ tenant, index, until }: AuditFinding): string {
  const place =
    index === null
      ? undefined
      : until === null || until === index + 1
        ? `entry ${index}`
        : `entries ${index} to ${until - 1}`
  const parts = [tenant === null ? 'The store' : visibleText(tenant), place]
  return parts.filter((part) => part !== undefined).join(', ')
}
