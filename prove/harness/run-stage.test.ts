import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '@indelible/testkit'
import { expect, onTestFinished, test, vi } from 'vitest'
import { nodesStage } from '../nodes/stage.ts'
import { runStage } from './run-stage.ts'

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
    vi.stubEnv('PROVE_FOLDER', folder.path)
    const interrupted = new AbortController()
    const result = runStage(nodesStage, {
      ...{ tier: 'quick', seed: 1, lacking: undefined, signal: interrupted.signal },
      onProgress: () => undefined,
    })
    const end = expect(result).rejects.toThrow('enough')
    await vi.waitUntil(() => processesOf(folder.path).length > 0, { timeout: 60_000 })
    interrupted.abort(new Error('enough'))
    await end
    expect(processesOf(folder.path)).toEqual([])
    expect(readdirSync(folder.path)).toEqual([])
  },
  90_000,
)
