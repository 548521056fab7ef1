import type { Backlog, Pending } from './backlog.ts'

/** The backlog as a line: what leaves its head, and who waits for how much of it. */
export interface Line {
  /** Takes the first events out: delivered, or kept aside. */
  settle(batch: readonly Pending[]): void
  /** Puts the first behind all others. @throws ClientError `spool-failed` */
  postpone(first: Pending): void
  /** Resolves when all that is in the backlog, and as many more, are settled; or when it ended. */
  whenSettled(more: number): Promise<void>
  readonly isAwaited: boolean
  end(): void
}

export function createLine(options: {
  readonly backlog: Backlog
  /** Room was made. */
  readonly onSettled: () => void
}): Line {
  const { backlog } = options
  /** `count`: how many must have left the head. */
  const waiters = new Set<{ count: number; readonly resolve: () => void }>()
  let passed = 0
  let hasEnded = false
  return {
    get isAwaited() {
      return waiters.size > 0
    },
    settle(batch) {
      backlog.commit(batch)
      passed += batch.length
      options.onSettled()
      for (const waiter of waiters) {
        // What waited for room may have been refused at last: nothing is left then.
        if (waiter.count > passed && backlog.events > 0) continue
        waiters.delete(waiter)
        waiter.resolve()
      }
    },
    postpone(first) {
      backlog.postpone(first)
      passed += 1
      for (const waiter of waiters) {
        waiter.count = Math.max(waiter.count + 1, passed + backlog.events)
      }
    },
    whenSettled: (more) =>
      new Promise((resolve) => {
        const count = passed + backlog.events + more
        if (count === passed || hasEnded) return resolve()
        waiters.add({ count, resolve })
      }),
    end() {
      hasEnded = true
      for (const { resolve } of waiters) resolve()
      waiters.clear()
    },
  }
}
