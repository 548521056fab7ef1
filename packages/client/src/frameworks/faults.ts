/** Distinct messages of faults that are told; a message with a request's text in it must not flood. */
const faultsToldMax = 100
const faultCharsMax = 500

/** What goes wrong in the trail itself: told, and never the application's trouble. */
export interface Faults {
  tell(fault: unknown): void
  /** What comes of it; undefined where it fails, which is told. */
  guard<Result>(act: () => Result): Result | undefined
  /** The answer of one of the application's own functions, as it can be used, in the same way. */
  ask<Answer>(question: () => unknown, read: (answer: unknown) => Answer): Answer | undefined
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
  const guard = <Result>(act: () => Result): Result | undefined => {
    try {
      return act()
    } catch (fault) {
      tell(fault)
      return undefined
    }
  }
  return {
    tell,
    guard,
    ask: (question, read) =>
      guard(() => {
        const answer = question()
        return read(isPromise(answer) ? refuse(answer) : answer)
      }),
  }
}

const isPromise = (answer: unknown): answer is PromiseLike<unknown> =>
  typeof answer === 'object' &&
  answer !== null &&
  'then' in answer &&
  typeof answer.then === 'function'

/** It would come too late; and if it failed with nobody to listen, the process would end. */
function refuse(answer: PromiseLike<unknown>): never {
  answer.then(undefined, () => undefined)
  throw new TypeError('Options of the trail must answer at once, not by a promise.')
}

function createReport(): (fault: unknown) => void {
  const told = new Set<string>()
  return (fault) => {
    // With a request's own text in it: it must not be able to write lines of its own.
    const message = String(fault)
      .slice(0, faultCharsMax)
      .replace(/\p{Cc}+/gu, ' ')
    if (told.has(message) || told.size >= faultsToldMax) return
    told.add(message)
    console.error(`indelible: a request is not recorded as it should be. ${message}`)
  }
}
