import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Random, SpawnedServer } from '@indelible/testkit'
import { answerMsMax, askPatiently } from '../clients/ask-patiently.ts'
import { audit } from '../clients/audit.ts'
import { comesTrue } from '../clients/comes-true.ts'
import { limitRequests } from '../clients/limit-requests.ts'
import { readBack } from '../clients/reads.ts'
import { runCommand } from '../clients/run-command.ts'
import { createWatchedFolder } from '../clients/watched-folder.ts'
import type { DiskFaults } from './faults.ts'

/** What is done while the disk fails. */
export const trialNames = ['running', 'starting', 'backup', 'reindex', 'restore'] as const
export type TrialName = (typeof trialNames)[number]

const clientCount = 2
const requestsPerTrial = 8
/** A start or a command that takes longer hangs: the machine may be very busy. */
const commandMsMax = 100_000
/** Within this a service whose sync failed says that it has stopped. */
const stopMsMax = 20_000
/** Of what a service wrote, with a fault. */
const diagnosticsChars = 2_000

/**
 * What clients and operators do on one data folder while its disk fails, and what is to hold of
 * every answer then, and of the folder afterwards.
 * @param options.disk a folder that the data folder and its backups lie in
 */
export function createTrials(options: {
  readonly disk: string
  readonly random: Random
  readonly environment: Readonly<Record<string, string>>
  readonly calls: DiskFaults
}) {
  const { disk, random, calls } = options
  const environment = { ...options.environment, ...calls.environment }
  const data = join(disk, 'data')
  mkdirSync(disk, { recursive: true })
  const watched = createWatchedFolder({ folder: data, random, environment, clients: clientCount })
  const { clients } = watched
  const counts = { refused: 0, stopped: 0, failedStarts: 0, failedCommands: 0 }
  let faults: string[] = []
  let running: SpawnedServer | undefined
  let made = 0

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await running?.kill(signal)
    running = undefined
  }
  const start = async (): Promise<SpawnedServer> => {
    if (running !== undefined) return running
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), commandMsMax)
    try {
      running = await watched.start({ signal: late.signal })
      return running
    } finally {
      clearTimeout(timer)
    }
  }
  const command = async (...args: string[]): Promise<boolean> => {
    const began = performance.now()
    const { code } = await runCommand(args, { ...environment, INDELIBLE_DATA: data })
    const ms = performance.now() - began
    if (ms > commandMsMax) faults.push(`indelible ${args[0]} took ${Math.round(ms)} ms`)
    if (code !== 0) counts.failedCommands++
    return code === 0
  }

  /** Appends and reads: what is answered is right; once a sync failed, nothing is acknowledged. */
  const use = async (server: SpawnedServer): Promise<void> => {
    const { ask, post } = askPatiently(server, {
      onRefusal: () => void counts.refused++,
      onLate: (what) => faults.push(`${what}: not answered in ${answerMsMax} ms`),
    })
    const append = async (path: string, body: unknown) => {
      const hadLost = calls.lostSyncs() > 0
      const answer = await post(path, body)
      if (hadLost && answer.status === 201) faults.push('acknowledged after a failed sync')
      return answer
    }
    const appending = clients.run(limitRequests({ post: append }, requestsPerTrial))
    faults.push(...(await readBack({ ask }, clients, random)))
    await appending
    // A second look: what failed once must not have left something wrong behind.
    await clients.run(limitRequests({ post: append }, clientCount))
    faults.push(...(await readBack({ ask }, clients, random)))
  }

  const play: Record<TrialName, (arm: () => void) => Promise<void>> = {
    async running(arm) {
      const server = await start()
      arm()
      await use(server)
    },
    async starting(arm) {
      await start()
      await end('SIGKILL')
      arm()
      const began = performance.now()
      const server = await start().catch(() => undefined)
      if (performance.now() - began > commandMsMax) faults.push('the start hung')
      if (server === undefined) counts.failedStarts++
      else await use(server)
    },
    async backup(arm) {
      await start()
      const target = join(disk, `backup-${made++}`)
      arm()
      const isFine = await command('backup', target)
      calls.disarm()
      if (isFine) faults.push(...(await audit({ folder: target })))
      rmSync(target, { recursive: true, force: true })
    },
    async reindex(arm) {
      await start()
      if (random() < 0.5) await end('SIGTERM')
      arm()
      await command('reindex')
    },
    async restore(arm) {
      await start()
      await end('SIGTERM')
      const target = join(disk, `backup-${made++}`)
      if (!(await command('backup', target))) faults.push('the backup before a restore failed')
      arm()
      await command('restore', target)
      calls.disarm()
      rmSync(target, { recursive: true })
    },
  }

  /** With a disk that is well again: a service that says so is well, any other is after a restart. */
  const judge = async (): Promise<void> => {
    if (running?.hasEnded()) {
      faults.push(`the service ended by itself: ${running.errors().slice(-diagnosticsChars)}`)
      running = undefined
    }
    const hadLost = calls.lostSyncs() > 0
    const { ask } = running ?? {}
    if (hadLost && ask !== undefined) {
      // A checkpoint's sync may have failed just now, and its thread not have had the processor.
      await comesTrue(async () => (await ask('/readyz')).json.stopped !== null, stopMsMax)
    }
    const ready = running && (await running.ask('/readyz'))
    if (running !== undefined && ready?.status !== 200) {
      if (hadLost && ready?.json.stopped === null) faults.push('goes on after a failed sync')
      counts.stopped++
      await end('SIGKILL')
    } else if (hadLost) faults.push('is ready after a failed sync')
    const server = await start()
    try {
      faults.push(...(await watched.judge(server)), ...(await watched.audit()))
    } catch (error) {
      faults.push(`${error}; the service: ${server.errors().slice(-diagnosticsChars)}`)
    }
  }

  return {
    counts: (): Record<string, number> => ({ ...counts, ...watched.figures() }),
    /**
     * @param onEnd before the folder is looked at, with a disk that is well again
     * @returns what does not hold, a sentence each
     */
    async play(trial: TrialName, arm: () => void, onEnd: () => void): Promise<string[]> {
      faults = []
      await play[trial](arm)
      calls.disarm()
      onEnd()
      await judge()
      return faults
    },
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  }
}
