import { type QueryClient, useQuery } from '@tanstack/react-query'
import { listLogs, readSession, type SessionInfo } from '../api/calls.ts'
import { ApiProblem } from '../api/problem.ts'

export const sessionKey = ['session'] as const

/** Who is signed in; null: nobody. */
export function useSession(enabled = true) {
  return useQuery<SessionInfo | null>({
    queryKey: sessionKey,
    enabled,
    queryFn: async ({ signal, client }) => {
      try {
        const before = client.getQueryData<SessionInfo | null>(sessionKey)
        const session = await readSession(signal)
        // Nothing that another user was shown stays.
        if (before == null || identityOf(before) !== identityOf(session)) forgetOthers(client)
        return session
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 401) return null
        throw error
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
    // Somebody else may have signed in meanwhile, in another tab.
    refetchOnWindowFocus: 'always',
  })
}

/** Who sees other things is somebody else; a viewer’s token has another id each time it is renewed. */
export const identityOf = ({ kind, id, tenants, filter, scopes }: SessionInfo): string =>
  JSON.stringify(kind === 'viewer' ? [kind, tenants, filter, scopes] : [kind, id])

const forgetOthers = (client: QueryClient): void =>
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })

export const logsKey = ['logs'] as const

/** Every log that may be read. */
export const useLogs = (enabled: boolean, refreshMs: number | false = false) =>
  useQuery({
    refetchInterval: refreshMs,
    queryKey: logsKey,
    enabled,
    queryFn: ({ signal }) => listLogs(signal),
    staleTime: 60_000,
  })
