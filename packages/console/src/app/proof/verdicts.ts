import type { Entry } from '@indelible/protocol'
import { type QueryClient, skipToken, useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { equalJson } from '../details/diff.ts'
import { formatAddress } from '../paths.ts'
import type { ProofReport } from './report.ts'

/** What this browser proved; apart from what proves it, for which the list need not wait. */
export const proofKey = ['proof'] as const

export type Verdict = ProofReport['status']
type Verdicts = ReadonlyMap<string, { readonly entry: Entry; readonly status: Verdict }>

/** With the proofs, so that they go with them: at a sign-out, and with the key they rest on. */
const verdictsKey = [...proofKey, 'verdicts'] as const
const keyOf = ({ tenant, event }: Entry): string => formatAddress({ tenant, id: event.id })

export const keepVerdict = (client: QueryClient, entry: Entry, status: Verdict) =>
  client.setQueryData<Verdicts>(verdictsKey, (before) =>
    new Map(before).set(keyOf(entry), { entry, status }),
  )

/**
 * What this browser found of the entries that it has verified since the page was loaded; of one that
 * is shown otherwise than it was then, nothing.
 */
export function useVerdicts(): (entry: Entry) => Verdict | undefined {
  const { data } = useQuery<Verdicts>({
    queryKey: verdictsKey,
    queryFn: skipToken,
    // A map is not JSON.
    structuralSharing: false,
    gcTime: Number.POSITIVE_INFINITY,
  })
  return useCallback(
    (entry) => {
      const found = data?.get(keyOf(entry))
      if (found === undefined) return undefined
      return found.entry === entry || equalJson(found.entry, entry) ? found.status : undefined
    },
    [data],
  )
}
