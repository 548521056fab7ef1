import { join } from 'node:path'
import type { FsyncPolicy } from '@indelible/client'
import { compileLibrary, lacksCompiler } from '../harness/compile.ts'
import type { Findings, Mutant, Stage, StageContext } from '../harness/stage.ts'
import { createTally } from '../harness/tally.ts'
import { journalSource } from '../journal/journal.ts'
import { recordSpool, replaySpool } from './replay.ts'

const plans = {
  quick: { states: 2_000, tornMax: 1 },
  full: { states: 100_000, tornMax: 20 },
} as const

/** What must have been kept: `each` all that returned, `second` all before the last sync. */
const policies: readonly FsyncPolicy[] = ['each', 'second']

/** A power cut of the application's machine, simulated as in the stage `power`. */
export const spoolStage: Stage = {
  name: 'spool-power',
  proves: 'a power cut takes nothing that the client’s spool promised, and the rest is delivered',
  least: {
    quick: { states: 2_000, promised: 560 },
    full: { states: 100_000, promised: 2_000 },
  },
  lacks: lacksCompiler,
  run: runSpool,
}

async function runSpool(context: StageContext): Promise<Findings> {
  const { environment, folder, isMutated, progress, random, tier } = context
  const { states, tornMax } = plans[tier]
  const library = compileLibrary(journalSource, folder)
  const tally = createTally()
  const done = () => tally.counts.states ?? 0
  for (let round = 0; done() < states && tally.faults.length === 0; round++) {
    for (const policy of policies) {
      const root = join(folder, `${round}-${policy}`)
      const records = recordSpool({ library, root, environment, policy })
      const { faults, ...counts } = await replaySpool({
        ...{ root, records, policy, random, tornMax, endsAtFault: isMutated },
        onProgress: (more) => progress(done() + more, states),
      })
      tally.add({ counts: { ...counts, recordings: 1 }, faults })
      if (isMutated && faults.length > 0) break
    }
    if (isMutated) break
  }
  return tally
}

export const spoolMutants: readonly Mutant[] = [
  {
    name: 'spool-unsynced',
    does: 'lets record() return before the spool is on the disk',
    foundBy: 'spool-power',
    fault: /lost: /,
    edits: [
      {
        file: 'packages/client/src/spool/syncing.ts',
        find: "    if (this.#options.fsync === 'each') this.now()\n",
        replace: '',
      },
    ],
  },
]
