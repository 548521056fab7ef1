import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Remembered } from './fill.ts'

/** Stores that the version of commit 14a9dce filled, and that a kill ended. */
export type Pack = 'data-folder-14a9dce.tar.gz' | 'database-14a9dce.tar.gz'

/** Unpacks one into a folder, which is made. @returns what its clients were answered */
export function unpack(pack: Pack, folder: string): Remembered {
  mkdirSync(folder, { recursive: true })
  const { status, stderr } = spawnSync('tar', [
    '-xzf',
    join(import.meta.dirname, pack),
    '-C',
    folder,
  ])
  if (status !== 0) throw new Error(`${pack}: ${stderr}`)
  return JSON.parse(readFileSync(join(folder, 'remembered.json'), 'utf8'))
}
