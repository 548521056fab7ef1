/**
 * Lets so many pieces of work run at a time. Those that wait are let in in turn of whom they are
 * for, so that one who asks a thousand times delays nobody but himself.
 */
export function createFairGate(options: {
  readonly runningMax: number
  /** How many may wait for one of them, and what the next is told; without it nobody is refused. */
  readonly waiting?: { readonly max: number; readonly refuse: () => Error }
}) {
  const { runningMax } = options
  /** Those who wait, whose turn is next first. */
  const waiting = new Map<string, (() => void)[]>()
  let running = 0

  /** Whoever ends hands the place on: `running` stays as it is. */
  const handOn = (): void => {
    const [next] = waiting
    if (next === undefined) {
      running -= 1
      return
    }
    const [whose, queue] = next
    const enter = queue.shift()
    waiting.delete(whose)
    if (queue.length > 0) waiting.set(whose, queue)
    enter?.()
  }

  return async <T>(whose: string, work: () => Promise<T>): Promise<T> => {
    if (running < runningMax) running += 1
    else {
      const queue = waiting.get(whose) ?? []
      const bound = options.waiting
      if (bound !== undefined && queue.length >= bound.max) throw bound.refuse()
      waiting.set(whose, queue)
      await new Promise<void>((enter) => queue.push(enter))
    }
    try {
      return await work()
    } finally {
      handOn()
    }
  }
}
