/**
 * Lets so many pieces of work run at a time; the others wait, in order. For work that is short but
 * holds much memory: what waits holds none of it yet.
 */
export function createGate(runningMax: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    // Whoever ends hands its place on: `running` stays as it is.
    if (running < runningMax) running += 1
    else await new Promise<void>((enter) => waiting.push(enter))
    try {
      return await work()
    } finally {
      const enter = waiting.shift()
      if (enter === undefined) running -= 1
      else enter()
    }
  }
}
