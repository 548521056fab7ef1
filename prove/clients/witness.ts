import { parseHex, parseVerifierKey, verifyCheckpoint, verifyConsistency } from '@indelible/proof'
import type { TestServer } from '@indelible/testkit'
import { assertTaken } from './assert-taken.ts'

/** Follows the checkpoints of a log as a witness would: with the first key it saw, for good. */
export function createWitness(tenant: string) {
  let vkey: string | undefined
  let last: { readonly size: number; readonly root: Uint8Array } | undefined
  let seen = 0
  return {
    get seen() {
      return seen
    },
    /**
     * Reads the newest checkpoint and checks that it extends the one before.
     * @throws VerificationError where it does not
     */
    async observe({ ask }: Pick<TestServer, 'ask'>): Promise<void> {
      const log = await ask(`/v1/logs/${tenant}`)
      if (log.status === 404 || log.json.checkpoint === null) return
      vkey ??= String(log.json.vkey)
      const { text: note } = await ask(`/v1/logs/${tenant}/checkpoint`)
      const { size, root } = await verifyCheckpoint(note, [parseVerifierKey(vkey)])
      if (last !== undefined && last.size > 0) {
        const { size: from, root: fromRoot } = last
        const path = `/v1/logs/${tenant}/proofs/consistency?from=${from}&to=${size}`
        const { json } = await assertTaken(ask(path))
        const hashes = json.hashes.map((hash: string) => parseHex(hash))
        verifyConsistency({ from, to: size, fromRoot, toRoot: root, hashes })
      }
      last = { size, root }
      seen++
    },
  }
}
