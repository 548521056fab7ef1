import { join } from 'node:path'
import type { Head } from '@indelible/protocol'
import { unpack } from '../../test/upgrade/unpack.ts'
import { assertTaken } from '../clients/assert-taken.ts'
import {
  append,
  createEvents,
  createRequests,
  load,
  type Recorder,
  type Recording,
  record,
  showReceipt,
} from './recorder.ts'

interface ScenarioOptions {
  readonly library: string
  /** Recordings are put into it. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
}

/** One life, or a few, of a service, recorded. */
export interface Scenario {
  readonly name: string
  readonly record: (options: ScenarioOptions) => Promise<Recording>
}

/** The shortest first: a planted fault is looked for in one after the other. */
export const scenarios: readonly Scenario[] = [
  { name: 'migration', record: recordMigration },
  { name: 'operations', record: recordOperations },
  { name: 'life', record: recordLife },
]

const kills = 3

/**
 * A first start, load with checkpoints and a completed tile, rotated keys, a clean stop, a rebuilt
 * index, and kills under load, after each of which everything is sent again.
 */
function recordLife(options: ScenarioOptions): Promise<Recording> {
  const folder = 'data'
  const scenario = async (recorder: Recorder): Promise<void> => {
    const first = await recorder.start(folder)
    await append(first, createEvents('acme', 'tile', 250))
    for (const round of ['a', 'b']) {
      const heads = await load(first, createRequests(round, 24))
      await showReceipt(recorder, first, { folder, head: heads.at(-1) })
      await assertTaken(first.post('/v1/logs/acme/key', {}))
    }
    await first.stop()
    await recorder.run('reindex', '--data', recorder.pathOf(folder))
    for (let n = 0; n < kills; n++) {
      const requests = createRequests(`killed-${n}`, 16)
      await killUnderLoad(await recorder.start(folder), requests)
      const again = await recorder.start(folder)
      await load(again, requests)
      await again.kill('SIGKILL')
    }
  }
  return record({ ...options, name: 'life', seedOf: folder, isWhole: false, scenario })
}

type Server = Awaited<ReturnType<Recorder['start']>>

/** All requests at once, and a kill when the first is answered. */
async function killUnderLoad(
  server: Server,
  requests: ReturnType<typeof createRequests>,
): Promise<void> {
  const answers = requests.map((events) => append(server, events))
  await Promise.race(answers)
  await server.kill('SIGKILL')
  await Promise.allSettled(answers)
}

/** Two backups beside a running service; one restored into a new folder, one over it. */
function recordOperations(options: ScenarioOptions): Promise<Recording> {
  const scenario = async (recorder: Recorder): Promise<void> => {
    const { mark, pathOf, run } = recorder
    const server = await recorder.start('data')
    const kept = await load(server, createRequests('a', 8))
    const older = await backUp(recorder, server, { target: 'backup-a', kept })
    await backUp(recorder, server, { target: 'backup-b', kept: older })
    await server.stop()
    const restore = async (backup: string, heads: readonly Head[], ...flags: string[]) => {
      mark({ folder: 'restored', isRestored: true })
      await run('restore', pathOf(backup), '--data', pathOf('restored'), ...flags)
      mark({ folder: 'restored', mustExist: true, kept: heads })
    }
    await restore('backup-a', kept, '--adopt-guard')
    await restore('backup-b', older)
    const again = await recorder.start('restored')
    await load(again, createRequests('c', 4))
    await again.stop()
  }
  return record({ ...options, name: 'operations', seedOf: 'data', isWhole: true, scenario })
}

/**
 * Backs up under load: what was acknowledged before is in it, and of the rest what came in time.
 * @returns what was acknowledged by the end of it
 */
async function backUp(
  { mark, pathOf, run }: Recorder,
  server: Server,
  { target, kept }: { readonly target: string; readonly kept: readonly Head[] },
): Promise<readonly Head[]> {
  mark({ folder: target, isBackup: true, kept })
  const meanwhile = load(server, createRequests(`beside-${target}`, 8))
  await run('backup', pathOf(target), '--include-seed', '--data', pathOf('data'))
  mark({ folder: target, mustExist: true })
  return [...kept, ...(await meanwhile)]
}

/** A data folder of an older version, ended by a kill, is brought up to date. */
function recordMigration(options: ScenarioOptions): Promise<Recording> {
  const before = join(options.folder, 'before')
  const { heads: kept } = unpack('data-folder-14a9dce.tar.gz', before)
  const scenario = async (recorder: Recorder): Promise<void> => {
    recorder.mark({ folder: 'data', mustExist: true, kept })
    const first = await recorder.start('data')
    await load(first, createRequests('a', 8))
    await first.stop()
  }
  return record({ ...options, name: 'migration', seedOf: 'data', before, isWhole: true, scenario })
}
