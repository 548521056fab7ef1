/** Distinct messages of faults that are told; a message with a request's text in it must not flood. */
const faultsToldMax = 100

/** What goes wrong in the trail itself: told, and never the application's trouble. */
export interface Faults {
  tell(fault: unknown): void
  /** The answer of one of the application's own functions; undefined where that fails, which is told. */
  ask<Answer>(question: () => Answer): Answer | undefined
}

/** @param listener of the application; without one each message goes to stderr, once */
export function createFaults(listener: ((fault: unknown) => void) | undefined): Faults {
  const report = listener ?? createReport()
  const tell = (fault: unknown): void => {
    try {
      report(fault)
    } catch {
      // Whoever listens for faults must not become one.
    }
  }
  return {
    tell,
    ask(question) {
      try {
        return question()
      } catch (fault) {
        tell(fault)
        return undefined
      }
    },
  }
}

function createReport(): (fault: unknown) => void {
  const told = new Set<string>()
  return (fault) => {
    const message = String(fault)
    if (told.has(message) || told.size >= faultsToldMax) return
    told.add(message)
    console.error(`indelible: a request is not recorded as it should be. ${message}`)
  }
}
