import { Failure } from './failure.ts'
import type { Shell } from './shell.ts'

/** The service itself waits two seconds each time: half a minute and more, in all. */
const triesMax = 15
/** Between them, whatever is asked for: no answer can hold a command up for a day. */
const pauseMs = 1_000

/** Asks again while no signed checkpoint covers what is asked for: on a busy machine it comes late. */
export async function untilSigned<T>(
  shell: Pick<Shell, 'sleep' | 'stderr'>,
  ask: () => Promise<T>,
): Promise<T> {
  for (let left = triesMax - 1; ; left--) {
    try {
      return await ask()
    } catch (error) {
      const isPending = error instanceof Failure && error.code === 'checkpoint-pending'
      if (!isPending || left === 0) throw error
      if (left === triesMax - 1 && shell.stderr.isTTY === true) {
        shell.stderr.write('Waiting for a signed checkpoint that covers it.\n')
      }
      await shell.sleep(Math.min(error.retryAfterMs ?? pauseMs, pauseMs))
    }
  }
}
