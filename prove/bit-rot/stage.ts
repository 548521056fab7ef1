import { join } from 'node:path'
import type { Findings, Mutant, Stage, StageContext } from '../harness/stage.ts'
import { type Auditor, type Subject, startAuditor } from './auditor.ts'
import {
  readAdministration,
  readBytes,
  readGuardFile,
  readIndexFile,
  readLogFile,
  readLogInWal,
  readManifest,
  readReceipts,
} from './oracle.ts'
import { makeSpecimens, openFile, type Specimens } from './specimens.ts'

const flipsOf = { quick: 1_000, full: 20_000 } as const
/** A mutant that is not found by then is not found. */
const flipsWithMutant = 100

/** A file whose bits rot. */
interface Rotting {
  readonly name: string
  readonly path: string
  /** Of a hundred flips. */
  readonly share: number
  /** What it holds that an audit answers for, as it is read without a thought of audits. */
  readonly read: () => string
  /** What else it holds: that it changed is counted, under this name, and no fault. */
  readonly aside?: { readonly name: Aside; readonly read: () => string }
  readonly subject: Subject
}

/** Flips that changed something of which no audit speaks. */
type Aside = 'administration' | 'index'

export const bitRotStage: Stage = {
  name: 'bit-rot',
  proves:
    'every flipped bit that changes what is kept is reported by an audit, and nothing else is',
  least: { quick: { flips: 1_000, changed: 500 }, full: { flips: 20_000, changed: 10_000 } },
  run: rot,
}

export const bitRotMutants: readonly Mutant[] = [
  {
    name: 'R1',
    does: 'audits entries without hashing them again',
    foundBy: bitRotStage.name,
    fault: /^stopped\/log\.db, bit .* the audit is clean$/,
    edits: [
      {
        file: 'packages/server/src/verify/audit-entries.ts',
        find: 'const computed = hashLeaf(entry)',
        replace: 'const computed = toLatin1(entry.hash)',
      },
    ],
  },
]

async function rot(context: StageContext): Promise<Findings> {
  const { isMutated, environment, tier } = context
  const specimens = await makeSpecimens(context.folder, environment)
  await using auditor = startAuditor(environment)
  const files = listFiles(context.folder, specimens)
  const flips = isMutated ? flipsWithMutant : flipsOf[tier]
  const counts = { flips: 0, changed: 0, harmless: 0, unreported: 0, administration: 0, index: 0 }
  const faults = await findFalseAlarms(files, auditor)
  for (const file of files) {
    const before = { kept: file.read(), aside: file.aside?.read() }
    const bits = openFile(file.path)
    for (let n = 0; n < (flips * file.share) / 100; n++) {
      const bit = context.random.whole(bits.count)
      bits.flip(bit)
      const isChanged = file.read() !== before.kept
      const { found, broke } = await auditor.look(file.subject)
      const isSilent = found.length === 0
      counts.flips++
      counts[isChanged ? 'changed' : 'harmless']++
      const wrong = broke ?? (isChanged && isSilent ? 'it is changed, and the audit is clean' : '')
      if (wrong !== '') {
        counts.unreported++
        faults.push(`${file.name}, bit ${bit & 7} of byte ${bit >> 3}: ${wrong}`)
      } else if (isSilent && file.aside?.read() !== before.aside) {
        if (file.aside !== undefined) counts[file.aside.name]++
      }
      bits.mend()
      context.progress(counts.flips, flips)
      if (isMutated && faults.length > 0) return { counts, faults }
    }
  }
  return { counts, faults: [...faults, ...(await findFalseAlarms(files, auditor))] }
}

/** What is said of specimens that are as they were made. */
async function findFalseAlarms(files: readonly Rotting[], auditor: Auditor): Promise<string[]> {
  const faults: string[] = []
  for (const subject of new Set(files.map((file) => file.subject))) {
    const { found, broke } = await auditor.look(subject)
    const what = broke ?? found.join()
    if (what !== '') faults.push(`Where nothing is wrong the audit says: ${what}`)
  }
  return faults
}

function listFiles(root: string, { keys, ...specimens }: Specimens): Rotting[] {
  const inFolder = (folder: string) => {
    const subject = { folder }
    return (
      name: string,
      share: number,
      read: (path: string) => string,
      more: { readonly database?: string; readonly aside?: Aside } = {},
    ): Rotting => {
      const { database = name, aside } = more
      const readAside = aside === 'index' ? readIndexFile : readAdministration
      const whole = join(folder, database)
      return {
        ...{ name: `${folder.slice(root.length + 1)}/${name}`, path: join(folder, name), share },
        ...{ read: () => read(whole), subject },
        ...(aside && { aside: { name: aside, read: () => readAside(whole) } }),
      }
    }
  }
  const stopped = inFolder(specimens.stopped)
  const killed = inFolder(specimens.killed)
  const backup = inFolder(specimens.backup)
  const nothing = () => ''
  return [
    stopped('log.db', 45, readLogFile, { aside: 'administration' }),
    stopped('guard.db', 5, readGuardFile),
    stopped('index.db', 6, nothing, { aside: 'index' }),
    stopped('seed', 2, readBytes),
    killed('log.db-wal', 14, readLogInWal, { database: 'log.db' }),
    killed('guard.db-wal', 4, readGuardFile, { database: 'guard.db' }),
    backup('log.db', 10, readLogFile, { aside: 'administration' }),
    backup('backup.json', 4, readManifest),
    ...[specimens.receipts, specimens.receipt].map((path): Rotting => {
      const subject = { receipts: path, keys }
      const read = () => readReceipts(path)
      return { name: path.slice(root.length + 1), path, share: 5, read, subject }
    }),
  ]
}
