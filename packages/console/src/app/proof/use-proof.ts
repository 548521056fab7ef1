import type { Entry } from '@indelible/protocol'
import { type UseQueryResult, useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { isPassing } from '../api/problem.ts'
import type { ProofReport } from './report.ts'
import { canVerify, createSources, pins } from './sources.ts'
import { keepVerdict, proofKey } from './verdicts.ts'
import { verifyEntry } from './verify-entry.ts'
import { verifyLog } from './verify-log.ts'

/** The last checkpoint is asked for anew this often while the page is open. */
const logCheckMs = 60_000

/** @throws Error with what to do about it, where this browser can't verify */
export async function assertMeans(): Promise<void> {
  if (await canVerify()) return
  const why = isSecureContext
    ? 'This browser knows no Ed25519 signatures. Chrome 137, Firefox 129 and Safari 17 do.'
    : 'Browsers verify signatures on pages served by HTTPS, or from this machine, only.'
  throw new Error(why)
}

/** Verifies the entry that is shown, in this browser. */
export function useEntryProof(entry: Entry) {
  const client = useQueryClient()
  return useQuery<ProofReport>({
    queryKey: [...proofKey, 'entry', entry.tenant, entry.event.id, entry.hash, entry],
    queryFn: async ({ signal }) => {
      await assertMeans()
      const report = await verifyEntry(entry, createSources(signal))
      keepVerdict(client, entry, report.status)
      return report
    },
    retry: (failures, error) => failures < 4 && isPassing(error),
    retryDelay: 1_000,
    // What was verified is verified again when it is opened again.
    staleTime: 5_000,
  })
}

/** Logs of which one page follows the checkpoints, at most: three small requests a minute each. */
const followedMax = 12

const logProof = (tenant: string) => ({
  queryKey: [...proofKey, 'log', tenant],
  queryFn: async ({ signal }: { readonly signal: AbortSignal }) => {
    await assertMeans()
    return verifyLog(tenant, createSources(signal))
  },
  refetchInterval: logCheckMs,
  staleTime: logCheckMs,
})

/** Follows the checkpoints of one log while it is shown. */
export const useLogProof = (tenant: string) => useQuery<ProofReport>(logProof(tenant))

function useLogQueries<Combined>(
  tenants: readonly string[],
  combine: (proofs: readonly LogQuery[]) => Combined,
): Combined {
  return useQueries({ queries: tenants.slice(0, followedMax).map(logProof), combine })
}

type LogQuery = Pick<
  UseQueryResult<ProofReport>,
  'data' | 'error' | 'dataUpdatedAt' | 'isFetching' | 'refetch'
>

const reportsOf = (proofs: readonly LogQuery[]): readonly ProofReport[] =>
  proofs.flatMap(({ data }) => (data === undefined ? [] : [data]))

/** Follows the checkpoints of logs while the page is open. */
export const useLogProofs = (tenants: readonly string[]): readonly ProofReport[] =>
  useLogQueries(tenants, reportsOf)

/** The same, and whether the last attempt could be made at all. */
export const useLogChecks = (tenants: readonly string[]) => useLogQueries(tenants, describeChecks)

const describeChecks = (proofs: readonly LogQuery[]) => ({
  reports: reportsOf(proofs),
  /** Why a check could not be made; it says nothing of the log. */
  hindrance: proofs.find(({ error }) => error !== null)?.error?.message,
  /** When the one longest ago was made, Unix milliseconds; 0: never. */
  checked: Math.min(...proofs.map(({ dataUpdatedAt }) => dataUpdatedAt)),
  isChecking: proofs.some(({ isFetching }) => isFetching),
  check: () => void Promise.all(proofs.map(({ refetch }) => refetch())),
})

/** Forgets what this browser pinned for a log, so that the key it has now is pinned instead. */
export function useForgetPin() {
  const client = useQueryClient()
  return (tenant: string) => {
    pins.forget(tenant)
    return client.resetQueries({ queryKey: proofKey })
  }
}
