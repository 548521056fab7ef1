import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { SessionInfo } from '../api/calls.ts'
import { sessionKey } from '../session/session.ts'
import type { Host } from './host.ts'

/** Another token is asked for so long before one ends, or at half its time. */
const renewMs = 60_000
/** Until a token that is over is noticed by asking. */
const graceMs = 500

/** Tells the host what it has to know of a token: that it is good, ends soon, or is over. */
export function useTokenEnd(options: {
  /** Null: the token was refused. */
  readonly session: SessionInfo | null | undefined
  readonly held: string | undefined
  readonly host: Host
}): void {
  const { session, held, host } = options
  const client = useQueryClient()
  /** A token was good since the host was last asked: a host that gives bad ones is not asked on and on. */
  const mayAsk = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another token is another state, even if it is refused like the former
  useEffect(() => {
    if (session === undefined) return
    if (session !== null) {
      mayAsk.current = true
      host.tell({ kind: 'ready' })
    } else if (mayAsk.current) {
      mayAsk.current = false
      host.tell({ kind: 'token-wanted', expired: true })
    }
  }, [session === null, session?.id, held, host])

  const expires = session?.expires ?? undefined
  useEffect(() => {
    if (expires === undefined) return
    const left = Math.max(0, Date.parse(expires) - Date.now())
    const soon = setTimeout(
      () => host.tell({ kind: 'token-wanted', expired: false }),
      left - Math.min(renewMs, left / 2),
    )
    const end = setTimeout(
      () => client.invalidateQueries({ queryKey: sessionKey }),
      Math.min(left + graceMs, 2_147_483_647),
    )
    return () => {
      clearTimeout(soon)
      clearTimeout(end)
    }
  }, [expires, host, client])
}
