/**
 * Groups the acknowledgements of one AMQP channel: what is settled without a gap from the oldest
 * on is one frame (`multiple`), the rest one each. Committed together, messages are mostly settled
 * together.
 *
 * A tag is only ever sent while it is outstanding: the broker closes the channel over any other.
 */
export function createAcknowledgements(options: {
  readonly acknowledge: (tag: number, isMultiple: boolean) => void
}) {
  /** Tags handed over and not acknowledged, oldest first; true once settled. */
  const outstanding = new Map<number, boolean>()
  let settled: number[] = []
  let isScheduled = false

  const flush = (): void => {
    isScheduled = false
    let last: number | undefined
    let inRow = 0
    for (const [tag, isSettled] of outstanding) {
      if (!isSettled) break
      outstanding.delete(tag)
      last = tag
      inRow += 1
    }
    if (last !== undefined) options.acknowledge(last, inRow > 1)
    for (const tag of settled) if (outstanding.delete(tag)) options.acknowledge(tag, false)
    settled = []
  }
  return {
    /** Tags of a channel only grow (AMQP 0-9-1 §4.6.4). */
    deliver(tag: number): void {
      outstanding.set(tag, false)
    },
    settle(tag: number): void {
      if (!outstanding.has(tag)) return
      outstanding.set(tag, true)
      settled.push(tag)
      if (isScheduled) return
      isScheduled = true
      // After all that one commit settled.
      setImmediate(flush)
    },
    flush,
  }
}
