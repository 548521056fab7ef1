import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { lacksPostgres } from '@indelible/testkit'
import { lacksCompiler } from '../harness/compile.ts'
import type { Findings, Mutant, Stage, StageContext } from '../harness/stage.ts'
import { createTally } from '../harness/tally.ts'
import { setClocksApart } from './clocks-apart.ts'
import { type Dials, openDials } from './dials.ts'
import { setClocks } from './set-clocks.ts'

const nodeCount = 3
const roundsOf = {
  quick: { jumps: 2, apart: 2 },
  full: { jumps: 50, apart: 50 },
} as const

export const clockStage: Stage = {
  name: 'clock',
  proves:
    'clocks that jump, leap, drift and differ take no order from a log, lose nothing, and let ' +
    'nothing live longer than it may',
  least: {
    quick: { jumps: 2, refused: 2, stood: 1, 'leap seconds': 1, drifts: 1, apart: 2, expired: 3 },
    full: { jumps: 50, refused: 50, 'leap seconds': 10, drifts: 10, apart: 50, expired: 3 },
  },
  lacks: () => lacksCompiler() ?? lacksPostgres(),
  run: setAllClocks,
}

export const clockMutants: readonly Mutant[] = [
  {
    name: 'M14',
    does: 'takes the wall clock for the order of entries',
    foundBy: clockStage.name,
    fault: /^\w+: entry \d+ was received at \S+, before the one at \S+$/,
    edits: [
      {
        file: 'packages/server/src/ledger/commit-group.ts',
        find: 'log.received = Math.max(this.#now, log.received)',
        replace: 'log.received = this.#now',
      },
    ],
  },
]

async function setAllClocks(context: StageContext): Promise<Findings> {
  const { folder, tier, isMutated } = context
  const all = Array.from({ length: nodeCount }, (_, n) => openOwn(join(folder, `dials-${n}`)))
  const [first] = all
  if (first === undefined) throw new Error('There are no dials.')
  const { jumps, apart } = roundsOf[tier]
  const tally = createTally()
  tally.add(await setClocks(context, { dials: first, rounds: isMutated ? 1 : jumps }))
  first.setClock(0)
  if (!isMutated && tally.faults.length === 0) {
    tally.add(await setClocksApart(context, { dials: all, rounds: apart }))
  }
  for (const dials of all) dials[Symbol.dispose]()
  return tally
}

function openOwn(folder: string): Dials {
  mkdirSync(folder)
  const dials = openDials(folder, 'The stage "clock"')
  if (dials === undefined) throw new Error(lacksCompiler())
  return dials
}
