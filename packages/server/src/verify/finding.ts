/** What an audit can find. Each says which of the ledger's promises was not kept. */
export type FindingCode =
  | 'entry-missing'
  | 'entry-unreadable'
  | 'entry-changed'
  | 'entry-beyond-end'
  | 'order-broken'
  | 'tenant-foreign'
  | 'id-broken'
  | 'tree-changed'
  | 'head-changed'
  | 'key-changed'
  | 'checkpoint-missing'
  | 'checkpoint-invalid'
  | 'checkpoint-ahead'
  | 'checkpoint-forked'
  | 'guard-missing'
  | 'guard-unreadable'
  | 'guard-changed'
  | 'guard-behind'
  | 'guard-ahead'
  | 'guard-forked'
  | 'log-missing'
  | 'log-unrecorded'
  | 'log-succession-broken'
  | 'rows-stray'
  | 'index-broken'
  | 'manifest-changed'
  | 'store-unreadable'
  | 'findings-omitted'

/** One thing that is wrong, and where. */
export interface Finding {
  /** Undefined where it concerns the store as a whole. */
  readonly tenant?: string
  /** The entry it concerns; the first one, where `until` is given. */
  readonly index?: number
  /** Exclusive end of the entries it concerns: the place lies at index <= place < until. */
  readonly until?: number
  readonly code: FindingCode
  /** A sentence for the operator. */
  readonly detail: string
}

/** A log rewritten from end to end gives as many findings as it has entries; nobody reads them. */
const findingsMax = 1_000

/** Collects findings up to a bound, and says how many more there were. */
export function createFindings() {
  const kept: Finding[] = []
  let omitted = 0
  return {
    add(...findings: readonly Finding[]): void {
      for (const finding of findings) {
        if (kept.length < findingsMax) kept.push(finding)
        else omitted++
      }
    },
    list(): Finding[] {
      if (omitted === 0) return kept
      const detail = `There are ${omitted} more findings than these.`
      return [...kept, { code: 'findings-omitted', detail }]
    },
  }
}

export type Findings = ReturnType<typeof createFindings>
