// What the product says of a specimen; in a process of its own, where a mutant is planted.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { auditData } from '@indelible/server'
import { readItems } from '../../packages/cli/src/verify/receipt-lines.ts'
import { verifyEvidence } from '../../packages/cli/src/verify/verify-evidence.ts'

/** What is to be looked at: a data folder or a backup, or a file of receipts. */
export type Subject =
  | { readonly folder: string }
  | { readonly receipts: string; readonly keys: readonly string[] }

/** What was found, by its code; or how the looking ended that should never end so. */
export interface Opinion {
  readonly found: readonly string[]
  readonly broke?: string
}

export interface Auditor extends AsyncDisposable {
  look(subject: Subject): Promise<Opinion>
}

/** One at a time. */
export function startAuditor(environment: Readonly<Record<string, string>>): Auditor {
  let child: ReturnType<typeof start> | undefined
  const start = () => fork(import.meta.filename, { env: { ...process.env, ...environment } })
  return {
    async look(subject) {
      child ??= start()
      child.send(subject)
      const settled = new AbortController()
      const { signal } = settled
      const answer = once(child, 'message', { signal }).then(([opinion]) => opinion as Opinion)
      const end = once(child, 'exit', { signal }).then(([code, killedBy]): Opinion => {
        child = undefined
        return { found: [], broke: `the process ended by ${killedBy ?? code}` }
      })
      return Promise.race([answer, end]).finally(() => {
        settled.abort()
        void Promise.allSettled([answer, end]) // the other one is of no more use
      })
    },
    async [Symbol.asyncDispose]() {
      if (child === undefined) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

async function look(subject: Subject): Promise<readonly string[]> {
  if ('folder' in subject) {
    return (await auditData(subject)).findings.map(({ code }) => code)
  }
  const faults: string[] = []
  const { verified } = await verifyEvidence({
    items: readItems(createReadStream(subject.receipts)),
    keys: subject.keys,
    onFault: async ({ code }) => void faults.push(code),
    onProgress: () => undefined,
  })
  return verified === 0 ? [...faults, 'nothing-verified'] : faults
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) {
  process.on('message', async (subject: Subject) => {
    const opinion = await look(subject).then(
      (found): Opinion => ({ found }),
      (error): Opinion => ({ found: [], broke: `${error}` }),
    )
    process.send?.(opinion)
  })
}
