// One run of one stage, as a process of its own: what it leaks or crashes ends with it.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom } from '@indelible/testkit'
import { mutants, stages } from '../stages.ts'
import { preparePlanting } from './planting.ts'
import type { StageMessage, StageOrder } from './run-stage.ts'
import type { Findings, StageContext } from './stage.ts'

/** Where the stages' data lies: a real disk, for that is what is tried. */
const folderOf = (name: string): string =>
  mkdtempSync(join(process.env.PROVE_FOLDER ?? tmpdir(), `indelible-prove-${name}-`))

async function runStage({ name, tier, seed, mutant: planted }: StageOrder): Promise<Findings> {
  const stage = stages.find((one) => one.name === name)
  if (stage === undefined) throw new Error(`There is no stage "${name}".`)
  const mutant = mutants.find((one) => one.name === planted)
  const folder = folderOf(name)
  const data = join(folder, 'data')
  mkdirSync(data)
  const context: StageContext = {
    tier,
    random: createRandom(seed),
    folder: data,
    environment:
      mutant === undefined
        ? {}
        : {
            ...preparePlanting({ edits: mutant.edits, path: join(folder, 'edits.json') }),
            ...mutant.environment,
          },
    isMutated: mutant !== undefined,
    progress: (done, of) => send({ kind: 'progress', done, of }),
  }
  try {
    return await stage.run(context)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const send = (message: StageMessage): void => void process.send?.(message)

/** Ends once the message is on its way: whatever the stage has left running ends with it. */
const sendLast = (message: StageMessage): void => void process.send?.(message, () => process.exit())

// The harness is gone: so is whoever would read what this stage finds.
process.on('disconnect', () => process.exit(1))
process.once('message', (order: StageOrder) => {
  runStage(order).then(
    (findings) => sendLast({ kind: 'found', findings }),
    (error: unknown) =>
      sendLast({ kind: 'broke', stack: error instanceof Error ? `${error.stack}` : String(error) }),
  )
})
