// One run of one stage, as a process of its own: what it leaks or crashes ends with it.
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom } from '@indelible/testkit'
import { mutants, stages } from '../stages.ts'
import { preparePlanting } from './planting.ts'
import type { StageMessage, StageOrder } from './run-stage.ts'
import type { Findings, StageContext } from './stage.ts'

async function runStage({ name, tier, seed, mutant: planted }: StageOrder): Promise<Findings> {
  const stage = stages.find((one) => one.name === name)
  if (stage === undefined) throw new Error(`There is no stage "${name}".`)
  const mutant = mutants.find((one) => one.name === planted)
  const folder = tmpdir() // of this stage alone: see start-stage.ts
  const data = join(folder, 'data')
  mkdirSync(data)
  const context: StageContext = {
    tier,
    random: createRandom(seed),
    folder: data,
    environment:
      mutant === undefined
        ? {}
        : preparePlanting({ edits: mutant.edits, path: join(folder, 'edits.json') }),
    isMutated: mutant !== undefined,
    progress: (done, of) => send({ kind: 'progress', done, of }),
  }
  return stage.run(context)
}

const send = (message: StageMessage): void => void process.send?.(message)

/** Ends once the message is on its way: whatever the stage has left running ends with it. */
const sendLast = (message: StageMessage): void => void process.send?.(message, () => process.exit())

// The harness is gone, or has heard enough. An exit ends what a stage started; a signal would not.
process.on('disconnect', () => process.exit(1))
process.on('SIGTERM', () => process.exit(1))
process.once('message', (order: StageOrder) => {
  runStage(order).then(
    (findings) => sendLast({ kind: 'found', findings }),
    (error: unknown) =>
      sendLast({ kind: 'broke', stack: error instanceof Error ? `${error.stack}` : String(error) }),
  )
})
