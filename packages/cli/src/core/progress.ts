import type { Shell } from './shell.ts'

const ttyIntervalMs = 100
/** Where nobody watches (a file, a CI job) a line now and then is enough. */
const plainIntervalMs = 5_000

/** How far long work has come. */
export interface Progress {
  /** `done` and the total are in one measure (bytes, entries); `items` is what the rate counts. */
  update(state: { done: number; items: number; total?: number | undefined }): void
  /** Clears the line of a terminal. */
  end(): void
}

/** 4210 s → `1 h 10 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export const formatCount = (count: number): string => count.toLocaleString('en-GB')

const plurals = { entry: 'entries', line: 'lines', log: 'logs', receipt: 'receipts' }

/** `1 entry`, `1,200 entries` */
export const formatNumber = (count: number, noun: keyof typeof plurals): string =>
  `${formatCount(count)} ${count === 1 ? noun : plurals[noun]}`

/** `import: 62 % · 120,000 events · 18,400/s · 4 s left` */
export function formatProgress(facts: {
  label: string
  unit: string
  done: number
  items: number
  total: number | undefined
  elapsedMs: number
}): string {
  const { label, unit, done, items, total, elapsedMs } = facts
  const rate = elapsedMs > 0 ? (items * 1_000) / elapsedMs : 0
  const parts = [`${formatCount(items)} ${unit}`, `${formatCount(Math.round(rate))}/s`]
  if (total !== undefined && total > 0) {
    parts.unshift(`${Math.min(100, Math.floor((done * 100) / total))} %`)
    if (done > 0) {
      parts.push(`${formatDuration((elapsedMs * Math.max(0, total - done)) / done / 1_000)} left`)
    }
  }
  return `${label}: ${parts.join(' · ')}`
}

/** Progress on stderr: one line that changes on a terminal, plain lines elsewhere. */
export function createProgress(
  shell: Shell,
  options: { label: string; unit: string; total?: number | undefined },
): Progress {
  const isTty = shell.stderr.isTTY === true
  const startedAt = shell.now()
  let shownAt = isTty ? 0 : startedAt
  let isShown = false
  return {
    update({ done, items, total }) {
      const now = shell.now()
      if (now - shownAt < (isTty ? ttyIntervalMs : plainIntervalMs)) return
      shownAt = now
      const text = formatProgress({
        ...options,
        done,
        items,
        total: total ?? options.total,
        elapsedMs: now - startedAt,
      })
      isShown = true
      shell.stderr.write(isTty ? `\r\u001b[2K${text}` : `${text}\n`)
    },
    end() {
      if (isTty && isShown) shell.stderr.write('\r\u001b[2K')
    },
  }
}
