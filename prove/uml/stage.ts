import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Head } from '@indelible/protocol'
import { auditData } from '@indelible/server'
import { nameOf } from '../clients/clients.ts'
import type { Findings, Stage, StageContext } from '../harness/stage.ts'
import { createFolderCheck } from '../power/check-folder.ts'
import { bootGuest, createGuestDisk, lacksGuest, readGuestDisk } from './guest.ts'

const cutsOf = { quick: 3, full: 150 } as const
/** A cut comes after so many acknowledged events of its life, and a moment. */
const acknowledgedMin = 30
const acknowledgedMax = 120
const momentMsMax = 200
/** A disk is begun anew after so many cuts. */
const cutsPerDisk = 30

/** The power of a whole machine is cut: its kernel, its page cache, its ext4. */
export const umlStage: Stage = {
  name: 'uml',
  proves: 'cutting the power of a (User-Mode Linux) machine loses no acknowledged event',
  least: {
    quick: { cuts: 3, acknowledged: 90 },
    full: { cuts: 150, acknowledged: 4_500 },
  },
  lacks: lacksGuest,
  run: runCuts,
}

async function runCuts({ folder, random, tier, progress }: StageContext): Promise<Findings> {
  const cuts = cutsOf[tier]
  const counts = { cuts: 0, acknowledged: 0 }
  const faults: string[] = []
  const disk = join(folder, 'disk.img')
  const kept = new Map<string, Head>()
  while (counts.cuts < cuts && faults.length === 0) {
    if (counts.cuts % cutsPerDisk === 0) {
      createGuestDisk(disk)
      kept.clear()
    }
    const onWord = () => progress(counts.cuts, cuts)
    onWord()
    const guest = bootGuest(disk, { life: `life-${counts.cuts}`, onWord })
    try {
      await guest.waitFor(acknowledgedMin + random.whole(acknowledgedMax - acknowledgedMin))
      await setTimeout(random.whole(momentMsMax))
    } finally {
      await guest.cutPower()
    }
    for (const head of guest.heads) kept.set(nameOf(head), head)
    const left = readGuestDisk(disk, join(folder, 'left'))
    const found = await checkLeft(join(left, 'data'), kept)
    faults.push(...found.map((fault) => `cut ${counts.cuts}: ${fault}`))
    rmSync(left, { recursive: true })
    counts.cuts++
    counts.acknowledged += guest.heads.length
    progress(counts.cuts, cuts)
  }
  return { counts, faults }
}

/** What a restart would find, without one: the next life is one, on the disk itself. */
async function checkLeft(folder: string, kept: ReadonlyMap<string, Head>): Promise<string[]> {
  const names = readdirSync(folder).filter((name) => /^(log|guard)\.db/.test(name))
  const files = new Map(names.map((name) => [name, readFileSync(join(folder, name))]))
  const check = createFolderCheck(readFileSync(join(folder, 'seed')))
  const expected = {
    ...{ mustExist: true, isBackup: false, isRestored: false },
    ...{ kept, keys: new Map(), shown: new Map() },
  }
  const faults = await check(folder, files, expected)
  const { findings } = await auditData({ folder })
  // Where a cut took a part of the index, the next start makes it anew.
  const ofLog = findings.filter(({ code }) => !code.startsWith('index-'))
  return [...faults, ...ofLog.map((finding) => JSON.stringify(finding))]
}
