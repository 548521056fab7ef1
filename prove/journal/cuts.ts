import { basename } from 'node:path'
import type { Random } from '@indelible/testkit'
import type { createDisk } from './disk.ts'
import type { Files } from './image.ts'
import { createTorn, everythingSpared, nothingSpared, watchChoice } from './spared.ts'

/**
 * What the files of a folder may be after a power cut now: with nothing that was not synced, with
 * all of it, and with drawn parts; each once.
 * @param options.wants which files, by path; all of one folder
 * @param options.tornMax so many parts are drawn
 */
export function* listCuts(options: {
  readonly disk: ReturnType<typeof createDisk>
  readonly random: Random
  readonly tornMax: number
  readonly wants: (path: string) => boolean
}): Generator<Files> {
  const { disk, random, tornMax, wants } = options
  const changes = disk.countUnsynced(wants)
  const tried = new Set<string>()
  for (let n = 0; n < tornMax + 2; n++) {
    const extreme = [nothingSpared, everythingSpared][n]
    const { watched, choice } = watchChoice(extreme ?? createTorn(random, changes))
    const files = disk.crash(watched, wants)
    if (tried.size === tried.add(choice()).size) continue
    yield new Map([...files].map(([path, content]) => [basename(path), content]))
  }
}
