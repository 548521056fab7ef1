import type { StoreAddress } from '@indelible/server'
import type { Command } from 'commander'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'
import { createProgress } from './progress.ts'
import { addJson } from './remote-flags.ts'
import { addServiceFlags, overlayFlags } from './service-flags.ts'
import type { Shell } from './shell.ts'

export interface DataFlags {
  readonly json?: boolean
}

export const addDataFlags = (command: Command): Command => addJson(addServiceFlags(command, 'data'))

/** What the service's operations on its data are given. */
export interface DataWork {
  /** The data folder, or the database. */
  readonly at: StoreAddress
  readonly seedFile?: string
  readonly originHost?: string
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void
  readonly signal: AbortSignal
}

/** Another process holds the data, or the database is away: later, the same may work. */
const isOutOfReach = (name: string): boolean =>
  ['FolderInUseError', 'DatabaseOutOfReachError', 'Refusal'].includes(name)

/**
 * What the service says of its settings, folder or port is a sentence for the operator; anything
 * else is a bug and stays one.
 * @param refused exit code where the operation itself refuses
 */
export function describeRefusal(error: unknown, refused: ExitCode): unknown {
  if (!(error instanceof Error) || error instanceof Failure || 'syscall' in error) return error
  const { name, message } = error
  if (name === 'AbortError') return new Failure(exitCodes.unreachable, 'Stopped before the end.')
  if (name === 'ConfigError') return new Failure(exitCodes.usage, message)
  if (isOutOfReach(name)) return new Failure(exitCodes.unreachable, message)
  return name === 'Error' ? new Failure(refused, message) : error
}

/** Runs an operation on the data folder, with progress, until it ends or Ctrl-C is pressed. */
export async function workOnData<T>(
  shell: Shell,
  flags: DataFlags,
  options: {
    readonly label: string
    readonly unit: string
    readonly refused: ExitCode
    readonly run: (work: DataWork, server: typeof import('@indelible/server')) => Promise<T>
  },
): Promise<T> {
  // Loaded here, so that the other commands start without the service.
  const server = await import('@indelible/server')
  const controller = new AbortController()
  const stop = (): void => controller.abort()
  const { label, unit, refused, run } = options
  const progress = createProgress(shell, { label, unit })
  process.once('SIGINT', stop)
  try {
    const config = server.readConfig(overlayFlags(shell, { ...flags }).environment, 'data')
    const work = {
      at: server.storeAddressOf(config),
      ...(config.seedFile === undefined ? {} : { seedFile: config.seedFile }),
      ...(config.originHost === undefined ? {} : { originHost: config.originHost }),
      onProgress: ({ done, total }: { done: number; total: number }) =>
        progress.update({ done, items: done, total }),
      signal: controller.signal,
    }
    return await run(work, server)
  } catch (error) {
    throw describeRefusal(error, refused)
  } finally {
    process.off('SIGINT', stop)
    progress.end()
  }
}
