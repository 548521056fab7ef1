import { byProxy, type Fate, type Screen, startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/**
 * What goes wrong with a COMMIT:
 * `lost`: it never reaches the server, and both ends are cut ·
 * `stalled`: it never reaches the server, which isn't told that the client is gone ·
 * `unanswered`: it is done, and the client is cut off before it hears of it.
 */
export type CommitFault = 'lost' | 'stalled' | 'unanswered'

/** A way to a PostgreSQL that can fail at the worst moment. */
export interface PostgresProxy extends TcpProxy {
  /** The server's URL by this way. */
  readonly url: string
  /** One more COMMIT, of whichever session, that goes wrong; resolves when it has. */
  failNextCommit(fault: CommitFault): Promise<void>
  /** COMMITs that were done and whose answer nobody heard. */
  unansweredCommits(): number
}

const commit = Buffer.from('COMMIT\0')

/** @param url of the server itself */
export async function startPostgresProxy(url: string): Promise<PostgresProxy> {
  const { hostname: host, port } = new URL(url)
  const due: { readonly fault: CommitFault; readonly onStruck: () => void }[] = []
  let unanswered = 0

  const createScreen = (): Screen => {
    let fault: CommitFault | undefined
    return {
      request(chunk): Fate {
        if (fault !== undefined && fault !== 'unanswered') return 'drop'
        if (fault === undefined && chunk.includes(commit)) {
          const struck = due.shift()
          fault = struck?.fault
          struck?.onStruck()
        }
        if (fault === 'lost') return 'cut'
        return fault === 'stalled' ? 'hang up' : 'pass'
      },
      answer(chunk) {
        if (fault === undefined) return 'pass'
        // The answer of COMMIT comes last, and may come in several pieces.
        return chunk.includes(commit) ? 'cut' : 'drop'
      },
    }
  }
  const proxy = await startTcpProxy({
    ...{ host, port: Number(port), screen: createScreen },
    onLostAnswer: (chunk) => {
      if (chunk.includes(commit)) unanswered++
    },
  })
  return {
    ...proxy,
    url: byProxy(url, proxy),
    failNextCommit: (fault) => new Promise((onStruck) => due.push({ fault, onStruck })),
    unansweredCommits: () => unanswered,
  }
}
