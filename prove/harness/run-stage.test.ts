import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '@indelible/testkit'
import { expect, onTestFinished, test, vi } from 'vitest'
import { nodesStage } from '../nodes/stage.ts'
import { runStage } from './run-stage.ts'

/** A second or two; on a machine with too much to do, minutes. */
const startsWithin = { timeout: 240_000, interval: 100 }

/** Ids of the processes that were started with this folder among their arguments. */
const processesOf = (folder: string): string[] =>
  readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) && readFileSync(join('/proc', name, 'cmdline'), 'utf8').includes(folder)
      )
    } catch {
      return false // it has ended
    }
  })

test.runIf(process.platform === 'linux')(
  'a stage that is interrupted leaves no process and no file',
  async () => {
    const folder = createTemporaryFolder()
    onTestFinished(() => folder[Symbol.dispose]())
    chmodSync(folder.path, 0o711) // PostgreSQL may have to run as another user
    vi.stubEnv('PROVE_FOLDER', folder.path)
    const interrupted = new AbortController()
    onTestFinished(() => interrupted.abort())
    const ended = runStage(nodesStage, {
      ...{ tier: 'quick', seed: 1, lacking: undefined, signal: interrupted.signal },
      onProgress: () => undefined,
    }).catch((error: unknown) => error)
    const started = vi.waitUntil(() => processesOf(folder.path).length > 0, startsWithin)
    expect(await Promise.race([started, ended])).toBe(true)
    interrupted.abort(new Error('enough'))
    expect(await ended).toEqual(new Error('enough'))
    expect(processesOf(folder.path)).toEqual([])
    expect(readdirSync(folder.path)).toEqual([])
  },
  300_000,
)
