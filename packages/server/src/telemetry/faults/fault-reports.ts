/** A fault of ours, for those who mend it. Nothing of it may come from a caller. */
export interface FaultReport {
  /** What it befell. */
  readonly kind: 'request' | 'background' | 'thread' | 'audit'
  /** Whatever was thrown: of it, only its class, code and place in our code are told. */
  readonly error?: unknown
  /** A route's pattern, a problem's code, a request's id of ours, a thread's name, counts. */
  readonly facts?: Readonly<Record<string, string | number>>
}

export interface FaultReporter extends AsyncDisposable {
  report(fault: FaultReport): void
}

export const noFaultReporter: FaultReporter = {
  report: () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
}
