import { type ChildProcess, fork } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** How long a stage may take to end what it started, and that to be gone. */
const endMs = 5_000
/** A process that was killed still has to get the processor, to end. */
const killedMs = 20_000

/** A stage of its own. Disposed of, neither a process nor a file of it is left. */
export interface StageProcess extends AsyncDisposable {
  readonly child: ChildProcess
  /** Its exit code, or the signal that ended it. Never rejects. */
  readonly closed: Promise<number | string | null>
  /** Ends it, hung or not. */
  end(): Promise<void>
}

/**
 * Its data lies on a real disk, for that is what is tried: in the system's temporary folder, or the
 * one that `PROVE_FOLDER` names.
 */
export function startStage(name: string): StageProcess {
  const at = process.env.PROVE_FOLDER ?? tmpdir()
  const folder = mkdtempSync(join(at, `indelible-prove-${name}-`))
  chmodSync(folder, 0o711) // the user that PostgreSQL runs as, where we are root, has to pass
  const child = fork(join(import.meta.dirname, 'stage-process.ts'), {
    // A group of its own: Ctrl-C reaches the harness alone, which ends all of it.
    detached: true,
    env: { ...process.env, TMPDIR: folder },
  })
  child.on('error', () => undefined) // 'close' follows
  const closed = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code))
  })
  const end = async (): Promise<void> => {
    // At its exit it ends also what it started outside of its group.
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), endMs)
    await closed
    clearTimeout(late)
  }
  return {
    child,
    closed,
    end,
    async [Symbol.asyncDispose]() {
      await end()
      if (child.pid !== undefined) await endGroup(child.pid)
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}

/** Its members have been told to end: whoever has not by then is hung, or stopped. */
async function endGroup(pid: number): Promise<void> {
  await untilGone(pid, endMs)
  if (signalGroup(pid, 'SIGKILL')) await untilGone(pid, killedMs)
}

async function untilGone(pid: number, msMax: number): Promise<void> {
  for (let waited = 0; waited < msMax && signalGroup(pid, 0); waited += 100) await wait(100)
}

/** @returns whether somebody is there to be told */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}
