import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AuditEvent, createClient, type FsyncPolicy } from '@indelible/client'
import type { Random } from '@indelible/testkit'
import { listCuts } from '../journal/cuts.ts'
import { createDisk } from '../journal/disk.ts'
import { createImage } from '../journal/image.ts'
import { type JournalRecord, readJournal } from '../journal/journal.ts'

const application = fileURLToPath(new URL('./application.ts', import.meta.url))
const eventsPerLife = 70
/** How the application's lives end, on one spool. */
const endings = ['kill', 'close', 'kill', 'kill']
/** Between some events, at most: a sync in the background needs a second to come. */
const paceMs = { each: 2, second: 120, never: 2 } as const
const faultsMax = 20

/**
 * Records what an application's client does to its spool.
 * @param options.root the spool's folder, which is made
 */
export function recordSpool(options: {
  readonly library: string
  readonly root: string
  readonly environment: Readonly<Record<string, string>>
  readonly policy: FsyncPolicy
}): readonly JournalRecord[] {
  const { library, root, environment, policy } = options
  mkdirSync(root)
  const journal = `${root}.journal`
  for (const [life, ending] of endings.entries()) {
    const from = String(life * eventsPerLife)
    const args = [application, join(root, 'app.spool'), policy, from, `${paceMs[policy]}`, ending]
    const { signal, status, stderr } = spawnSync(process.execPath, args, {
      env: {
        PATH: process.env.PATH,
        ...environment,
        LD_PRELOAD: library,
        JOURNAL_FOLDER: root,
        JOURNAL_OUT: journal,
      },
    })
    const isAsMeant = ending === 'kill' ? signal === 'SIGKILL' : status === 0
    if (!isAsMeant) throw new Error(`The application ended with ${signal ?? status}: ${stderr}`)
  }
  if (!existsSync(journal)) throw new Error('Nothing was journalled: is LD_PRELOAD ignored here?')
  return readJournal(journal)
}

export interface SpoolReport {
  /** Moments between two calls. */
  readonly points: number
  /** What a disk may hold then; the same is counted once a point. */
  readonly states: number
  readonly promised: number
  /** States in which a promise was broken, and which in some of them. */
  readonly bad: number
  readonly faults: readonly string[]
}

/**
 * Cuts the power at every point between two calls, starts a client on what is left, and compares what it
 * delivers with what the application was promised.
 * @param options.policy what must have been kept: `each` all that returned, `second` all before the
 * last sync, `never` nothing
 * @param options.tornMax states tried at a point beside the two extremes
 */
export async function replaySpool(options: {
  readonly root: string
  readonly records: readonly JournalRecord[]
  readonly policy: FsyncPolicy
  readonly random: Random
  readonly tornMax: number
  readonly endsAtFault: boolean
  readonly onProgress: (states: number) => void
}): Promise<SpoolReport> {
  const { root, records, policy, random, tornMax, endsAtFault, onProgress } = options
  const disk = createDisk({ root })
  using image = createImage()
  const marks = { promised: 0, synced: 0, handed: new Set<number>() }
  const faults: string[] = []
  const counts = { points: 0, states: 0, bad: 0 }
  const check = async (): Promise<void> => {
    counts.states += 1
    const kept = { each: marks.promised, second: marks.synced, never: 0 }[policy]
    const [first] = await checkSpool(image.folder, { kept, handed: marks.handed })
    if (first === undefined) return
    counts.bad += 1
    if (faults.length < faultsMax) faults.push(`${policy}, point ${counts.points}: ${first}`)
  }
  for (const record of records) {
    read(record, marks)
    if (!disk.apply(record) || record.kind === 'answer') continue
    counts.points += 1
    for (const files of listCuts({ disk, random, tornMax, wants: () => true })) {
      image.write(files)
      await check()
      if (endsAtFault && faults.length > 0) break
    }
    onProgress(counts.states)
    if (endsAtFault && faults.length > 0) break
  }
  return { ...counts, promised: marks.promised, faults }
}

function read(
  record: JournalRecord,
  marks: { promised: number; synced: number; readonly handed: Set<number> },
): void {
  if (record.kind !== 'answer') return
  const [, kind, ...numbers] = record.text.trim().split(' ')
  const first = Number(numbers[0])
  if (kind === 'promised') marks.promised = first + 1
  if (kind === 'synced') marks.synced = Math.max(marks.synced, first)
  if (kind === 'handed') for (const n of numbers) marks.handed.add(Number(n))
}

/** What of the promises a client breaks that starts on an image. */
async function checkSpool(
  folder: string,
  expected: { readonly kept: number; readonly handed: ReadonlySet<number> },
): Promise<string[]> {
  const spool = join(folder, 'app.spool')
  const found = new Set<number>(expected.handed)
  const faults: string[] = []
  const see = (event: AuditEvent): void => {
    const { n, text } = event.data ?? {}
    const isAsRecorded = typeof n === 'number' && /^\d+\.*$/.test(String(text))
    if (isAsRecorded && Number.parseInt(String(text), 10) === n) found.add(n)
    else faults.push(`invented: ${JSON.stringify(event)}`)
  }
  if (existsSync(`${spool}.rejected`)) {
    for (const line of readFileSync(`${spool}.rejected`, 'utf8').split('\n')) {
      const event = parseRejected(line)
      if (event !== undefined) see(event)
    }
  }
  try {
    await using client = createClient({
      url: 'http://indelible.test',
      spool,
      fsync: 'never', // of the image, which nobody needs again
      drainOnSigterm: false,
      fetch: async (_, init) => {
        const events: AuditEvent[] = JSON.parse(String(init?.body))
        for (const event of events) see(event)
        const entries = events.map(({ id }) => ({ id, index: 0, hash: '' }))
        return Response.json({ entries }, { status: 201 })
      },
      // A damaged line is handed out as it is: it is nobody's event.
      onRejected: () => undefined,
      onError: (error) => faults.push(`the client says ${error.message}`),
    })
    await client.flush()
  } catch (error) {
    return [...faults, `the spool does not open: ${error}`]
  }
  const lost = Array.from({ length: expected.kept }, (_, n) => n).filter((n) => !found.has(n))
  return lost.length === 0 ? faults : [...faults, `lost: ${lost.join(' ')}`]
}

/** The event of a line; undefined where a crash cut it, or it holds a damaged line. */
function parseRejected(line: string): AuditEvent | undefined {
  try {
    const { event } = JSON.parse(line)
    return typeof event === 'string' ? undefined : event
  } catch {
    return undefined
  }
}
