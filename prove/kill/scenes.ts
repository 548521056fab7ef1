import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Random, SpawnedServer } from '@indelible/testkit'
import { unpack } from '../../test/upgrade/unpack.ts'
import { audit } from '../clients/audit.ts'
import { nameOf } from '../clients/clients.ts'
import { compareWithAcknowledged } from '../clients/compare.ts'
import { limitRequests } from '../clients/limit-requests.ts'
import { runCommand } from '../clients/run-command.ts'
import { createWatchedFolder } from '../clients/watched-folder.ts'
import type { SceneName } from './failpoints.ts'

/** How long a scene goes on in which nothing ends the process. */
const sceneMsMax = { load: 20_000, afterStart: 2_000 } as const
const clientCount = 8
const firstRequests = 20

/**
 * Plays what goes on in and around one data folder, while something kills the process in the midst
 * of it.
 * @param options.disk a folder that the data folder and its backups lie in
 * @param options.environment of whatever may be killed
 */
export function createScenes(options: {
  readonly disk: string
  readonly random: Random
  readonly environment: Readonly<Record<string, string>>
}) {
  const { disk, random, environment } = options
  const watch = (folder: string) =>
    createWatchedFolder({ folder, random, environment, clients: clientCount })
  const data = join(disk, 'data')
  const watched = watch(data)
  let running: SpawnedServer | undefined
  let made = 0
  const makeName = (what: string): string => join(disk, `${what}-${made++}`)

  const start = async (): Promise<SpawnedServer> => {
    if (running === undefined || running.hasEnded()) running = await watched.start()
    return running
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await running?.kill(signal)
    running = undefined
  }
  /** What is asked of a service goes on until it is gone; one that is not is killed in the end. */
  const untilEnded = async (
    server: SpawnedServer,
    work: Promise<unknown>,
    msMax: number,
  ): Promise<void> => {
    const done = new AbortController()
    const { signal } = done
    await Promise.race([work, setTimeout(msMax, undefined, { signal }).catch(() => undefined)])
    done.abort()
    await server.kill('SIGKILL')
    await work
  }
  const startAndLoad = async (): Promise<void> => {
    const server = await watched.start().catch(() => undefined)
    if (server !== undefined) {
      await untilEnded(server, watched.load(server), sceneMsMax.afterStart)
    }
  }
  const command = (...args: string[]) => runCommand(args, { ...environment, INDELIBLE_DATA: data })

  const play: Record<SceneName, (arm: () => void) => Promise<string[] | undefined>> = {
    async 'first start'(arm) {
      const folder = makeName('first')
      const first = watch(join(folder, 'data'))
      arm()
      await (await first.start().catch(() => undefined))?.kill('SIGKILL')
      await using server = await first.start()
      await first.clients.run(limitRequests(server, firstRequests))
      const faults = [...(await first.judge(server)), ...(await first.audit())]
      await server.kill('SIGKILL')
      rmSync(folder, { recursive: true })
      return faults
    },
    async upgrade(arm) {
      const folder = makeName('older')
      const { heads } = unpack('data-folder-14a9dce.tar.gz', folder)
      const acknowledged = new Map(heads.map((head) => [nameOf(head), head]))
      const older = watch(join(folder, 'data'))
      arm()
      await (await older.start().catch(() => undefined))?.kill('SIGKILL')
      await using server = await older.start()
      const faults = [
        ...(await compareWithAcknowledged(server, acknowledged)),
        ...(await older.audit()),
      ]
      await server.kill('SIGKILL')
      rmSync(folder, { recursive: true })
      return faults
    },
    async restart(arm) {
      await start()
      await end('SIGKILL')
      arm()
      await startAndLoad()
    },
    async load(arm) {
      const server = await start()
      arm()
      await untilEnded(server, watched.load(server), sceneMsMax.load)
    },
    async 'index lost'(arm) {
      await start()
      await end('SIGKILL')
      const pointer = join(data, 'index.current')
      const name = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : 'index.db'
      writeFileSync(join(data, name), 'no index')
      arm()
      await startAndLoad()
    },
    async rotation(arm) {
      const server = await start()
      arm()
      const rotated = server.post('/v1/logs/acme/key', {}).catch(() => undefined)
      await untilEnded(server, Promise.all([watched.load(server), rotated]), sceneMsMax.afterStart)
    },
    async stop(arm) {
      const server = await start()
      const load = watched.load(server)
      arm()
      await end('SIGTERM')
      await load
    },
    async backup(arm) {
      await start()
      const target = makeName('backup')
      arm()
      await command('backup', target, '--include-seed')
      // What says that it is a backup is one.
      const faults = existsSync(join(target, 'backup.json')) ? await audit({ folder: target }) : []
      rmSync(target, { recursive: true, force: true })
      return faults
    },
    async reindex(arm) {
      await start()
      if (random() < 0.5) await end('SIGTERM')
      arm()
      await command('reindex')
    },
    async 'reindex followed'(arm) {
      const server = await start()
      const load = watched.load(server)
      arm()
      await command('reindex')
      await untilEnded(server, load, sceneMsMax.load)
    },
    async restore(arm) {
      await start()
      await end('SIGTERM')
      const target = makeName('backup')
      const { code, output } = await command('backup', target)
      if (code !== 0) throw new Error(`The backup ended with ${code}: ${output}`)
      arm()
      await command('restore', target)
      rmSync(target, { recursive: true })
    },
  }
  return {
    /** @returns what does not hold, a sentence each */
    play: async (scene: SceneName, arm: () => void): Promise<string[]> =>
      (await play[scene](arm)) ?? [],
    /** Looks at what the scene left, with a service that goes on. @returns as `play` */
    async judge(): Promise<string[]> {
      const server = await start()
      return [...(await watched.judge(server)), ...(await watched.audit())]
    },
    /** There is a log, and checkpoints of it. */
    async fill(): Promise<void> {
      await watched.clients.run(limitRequests(await start(), firstRequests))
    },
    figures: watched.figures,
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  }
}
