import type { Entry } from '@indelible/protocol'
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { isPassing } from '../api/problem.ts'
import type { ProofReport } from './report.ts'
import { canVerify, createSources, pins } from './sources.ts'
import { verifyEntry } from './verify-entry.ts'
import { verifyLog } from './verify-log.ts'

const proofKey = ['proof'] as const

/** The last checkpoint is asked for anew this often while the page is open. */
const logCheckMs = 60_000

async function assertMeans(): Promise<void> {
  if (await canVerify()) return
  const why = isSecureContext
    ? 'This browser knows no Ed25519 signatures. Chrome 137, Firefox 129 and Safari 17 do.'
    : 'Browsers verify signatures on pages served by HTTPS, or from this machine, only.'
  throw new Error(why)
}

/** Verifies the entry that is shown, in this browser. */
export function useEntryProof(entry: Entry) {
  return useQuery<ProofReport>({
    queryKey: [...proofKey, 'entry', entry.tenant, entry.event.id, entry.hash, entry],
    queryFn: async ({ signal }) => {
      await assertMeans()
      return verifyEntry(entry, createSources(signal))
    },
    retry: (failures, error) => failures < 4 && isPassing(error),
    retryDelay: 1_000,
    // What was verified is verified again when it is opened again.
    staleTime: 5_000,
  })
}

/** Logs of which one page follows the checkpoints, at most: three small requests a minute each. */
const followedMax = 12

/** Follows the checkpoints of logs while the page is open. */
export function useLogProofs(tenants: readonly string[]): readonly ProofReport[] {
  return useQueries({
    queries: tenants.slice(0, followedMax).map((tenant) => ({
      queryKey: [...proofKey, 'log', tenant],
      queryFn: async ({ signal }: { readonly signal: AbortSignal }) => {
        await assertMeans()
        return verifyLog(tenant, createSources(signal))
      },
      refetchInterval: logCheckMs,
      staleTime: logCheckMs,
    })),
    combine: (proofs) => proofs.flatMap(({ data }) => (data === undefined ? [] : [data])),
  })
}

/** Forgets what this browser pinned for a log, so that the key it has now is pinned instead. */
export function useForgetPin() {
  const client = useQueryClient()
  return (tenant: string) => {
    pins.forget(tenant)
    return client.resetQueries({ queryKey: proofKey })
  }
}
