import { useQuery } from '@tanstack/react-query'
import { listLogs, readSession, type SessionInfo } from '../api/calls.ts'
import { ApiProblem } from '../api/problem.ts'

export const sessionKey = ['session'] as const

/** Who is signed in; null: nobody. */
export function useSession() {
  return useQuery<SessionInfo | null>({
    queryKey: sessionKey,
    queryFn: async ({ signal }) => {
      try {
        return await readSession(signal)
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 401) return null
        throw error
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** Every log that may be read. */
export const useLogs = (enabled: boolean) =>
  useQuery({
    queryKey: ['logs'],
    enabled,
    queryFn: ({ signal }) => listLogs(signal),
    staleTime: 60_000,
  })
