import type { Cosigned } from '@indelible/proof'

/** The checks, in the order in which they are made. */
export const checks = {
  file: 'The file is a receipt',
  evidence: 'The service gave evidence',
  key: 'Log and key are the pinned ones',
  parts: 'Every part fits its commitment',
  signature: 'The checkpoint is signed by the pinned key',
  inclusion: 'The entry is in the signed tree',
  shown: 'What is shown is what was proven',
  history: 'The log only grew since it was last seen',
} as const
export type Check = keyof typeof checks

/** What it means that a check failed. */
export const failures: Readonly<Record<Check, string>> = {
  file: 'This file is no receipt.',
  evidence: 'There is no evidence of this entry.',
  key: 'This is not the log that this browser knows.',
  parts: 'A part of this entry was altered.',
  signature: 'The log’s key did not sign this.',
  inclusion: 'This entry is not in the signed log: it was altered, or was never there.',
  shown: 'What is shown is not what was signed.',
  history: 'The log was rewritten since this browser last saw it.',
}

export interface CheckResult {
  readonly check: Check
  readonly status: 'passed' | 'failed' | 'unreached'
  readonly detail: string
}

/** What one verification found; `facts` as far as it got. */
export interface ProofReport {
  readonly status: 'verified' | 'failed'
  readonly results: readonly CheckResult[]
  readonly facts: ProofFacts
}

export interface ProofFacts {
  readonly tenant: string
  readonly origin?: string
  readonly vkey?: string
  readonly pinned?: string
  readonly firstSight?: boolean
  readonly index?: number
  readonly size?: number
  readonly root?: string
  readonly hash?: string
  readonly cosigned?: readonly Cosigned[]
  readonly undisclosed?: readonly string[]
}

/** A check failed: evidence against what the service showed, not a fault on the way. */
export class CheckFailed extends Error {
  readonly check: Check

  constructor(check: Check, why: string) {
    super(why)
    this.name = 'CheckFailed'
    this.check = check
  }
}

/** Collects what passed, and says of a failure what was not reached behind it. */
export function createChecklist(wanted: readonly Check[]) {
  const passed: CheckResult[] = []
  return {
    pass(check: Check, detail: string): void {
      passed.push({ check, status: 'passed', detail })
    },
    passed: (): readonly CheckResult[] => passed,
    fail({ check: failed, message }: CheckFailed): readonly CheckResult[] {
      return wanted.map((check) => {
        if (check === failed) return { check, status: 'failed', detail: message }
        const found = passed.find((one) => one.check === check)
        return found ?? { check, status: 'unreached', detail: 'Not reached.' }
      })
    },
  }
}
