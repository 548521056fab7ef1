import type { Writable } from 'node:stream'
import { formatCount, formatDuration } from '../packages/cli/src/core/progress.ts'
import type { Acknowledged } from './acknowledged.ts'
import type { Latencies } from './latencies.ts'
import type { Sender } from './sender.ts'

const ttyIntervalMs = 1_000
/** Where nobody watches (a file, a CI job) a line now and then is enough. */
const plainIntervalMs = 10_000

/** What goes on, on stderr. */
export interface Live {
  say(text: string): void
  /** One line that changes, until disposed. */
  watch(phase: {
    readonly what: string
    readonly durationMs: number
    readonly run: { readonly acknowledged: Acknowledged; readonly sender: Sender }
    readonly latencies: Latencies
  }): Disposable
}

export function createLive(options: {
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly now: () => number
}): Live {
  const { stderr, now } = options
  const isTty = stderr.isTTY === true
  const clear = isTty ? '\r\u001b[2K' : ''
  return {
    say: (text) => void stderr.write(`${clear}${text}\n`),
    watch({ what, durationMs, run, latencies }) {
      const begin = now()
      const before = run.acknowledged.count
      let last = { count: before, at: begin }
      const show = (): void => {
        const at = now()
        const { count } = run.acknowledged
        const rate = ((count - last.count) * 1_000) / Math.max(1, at - last.at)
        last = { count, at }
        const { figures } = run.sender
        const errors = figures.errors.values().reduce((sum, number) => sum + number, 0)
        const parts = [
          `${Math.min(100, Math.floor(((at - begin) * 100) / durationMs))} %`,
          `${formatCount(count - before)} events`,
          `${formatCount(Math.round(rate))}/s`,
          `p99 ${latencies.total().p99.toFixed(1)} ms`,
          `${formatCount(errors)} errors`,
          `${formatDuration((durationMs - (at - begin)) / 1_000)} left`,
        ]
        const line = `${what}: ${parts.join(' · ')}`
        stderr.write(isTty ? `${clear}${line}` : `${line}\n`)
      }
      const timer = setInterval(show, isTty ? ttyIntervalMs : plainIntervalMs)
      return {
        [Symbol.dispose]: () => {
          clearInterval(timer)
          stderr.write(clear)
        },
      }
    },
  }
}
