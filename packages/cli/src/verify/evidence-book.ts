import type { VerifiedReceipt } from '@indelible/proof'

export type Members = { readonly [member: string]: unknown }
export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface EvidenceFault {
  readonly line: number
  readonly code: string
  readonly detail: string
}

/** A part that a receipt doesn't show: withheld, or erased by an entry that is in the file too. */
export type PartState = 'shown' | 'undisclosed' | 'erased'

/** What the receipts of one log say together. */
export interface LogFindings {
  readonly origin: string
  readonly receipts: number
  readonly firstIndex: number
  readonly lastIndex: number
  /** Every index between first and last is there, in order. */
  readonly isGapless: boolean
  /** Every entry of its one checkpoint is there. */
  readonly isWhole: boolean
  /** Sizes of the checkpoints, with the root each proves. */
  readonly checkpoints: readonly { readonly size: number; readonly root: string }[]
}

export interface Findings {
  readonly verified: number
  readonly failed: number
  readonly parts: Readonly<Record<PartState, number>>
  readonly logs: readonly LogFindings[]
  /** What the file says of itself. Nobody signed it: nothing is decided by it. */
  readonly manifest: Members | undefined
  /** The receipt, where there is just one. */
  readonly single: VerifiedReceipt | undefined
}

interface Erasure {
  readonly by: number
  readonly from: number
  readonly to: number
  readonly parts: readonly unknown[]
}

interface LogState {
  readonly origin: string
  readonly roots: Map<number, string>
  readonly erasures: Erasure[]
  /** Parallel arrays, because a file may hold millions: entry, and its parts that aren't shown. */
  readonly hiddenIndexes: number[]
  readonly hiddenParts: string[]
  receipts: number
  first: number
  last: number
  isGapless: boolean
  /** From one receipt to the next: 1 in the log's order, -1 newest first. */
  step: number | undefined
  previous: number
}

const readErasures = (receipt: VerifiedReceipt): readonly Erasure[] => {
  const core = receipt.parts.find(({ label }) => label === 'core')
  if (receipt.type !== 'erasure' || core?.status !== 'shown' || !isMembers(core.value)) return []
  const { erases } = core.value
  return (Array.isArray(erases) ? erases : []).filter(isMembers).flatMap(({ from, to, parts }) =>
    typeof from === 'number' && typeof to === 'number' && Array.isArray(parts)
      ? // Only what came before can be erased (evidence A5).
        [{ by: receipt.index, from, to: Math.min(to, receipt.index - 1), parts }]
      : [],
  )
}

/** Gapless is what goes one by one, up or down. */
function followOrder(log: LogState, index: number): void {
  if (log.receipts === 0) return
  const step = index - log.previous
  if (Math.abs(step) !== 1 || step !== (log.step ?? step)) log.isGapless = false
  log.step = step
  log.previous = index
}

/** Gathers what verified receipts say together; owns the counts. */
export class EvidenceBook {
  private readonly logs = new Map<string, LogState>()
  private readonly onFault: (fault: EvidenceFault) => Promise<void>
  private shown = 0
  verified = 0
  failed = 0
  manifest: Members | undefined
  single: VerifiedReceipt | undefined

  constructor(onFault: (fault: EvidenceFault) => Promise<void>) {
    this.onFault = onFault
  }

  async fail(fault: EvidenceFault): Promise<void> {
    this.failed += 1
    await this.onFault(fault)
  }

  async add(line: number, receipt: VerifiedReceipt): Promise<void> {
    const log = this.logs.get(receipt.origin) ?? this.open(receipt)
    const known = log.roots.get(receipt.size)
    if (known !== undefined && known !== receipt.root) {
      const detail = `Fork: the log signed two histories of size ${receipt.size}.`
      return this.fail({ line, code: 'fork', detail })
    }
    log.roots.set(receipt.size, receipt.root)
    followOrder(log, receipt.index)
    log.receipts += 1
    log.first = Math.min(log.first, receipt.index)
    log.last = Math.max(log.last, receipt.index)
    log.erasures.push(...readErasures(receipt))
    this.countParts(log, receipt)
    this.verified += 1
    this.single = this.verified === 1 ? receipt : undefined
  }

  private open({ origin, index }: VerifiedReceipt): LogState {
    const log: LogState = {
      ...{ origin, roots: new Map(), erasures: [], hiddenIndexes: [], hiddenParts: [] },
      ...{ receipts: 0, first: index, last: index, isGapless: true },
      ...{ step: undefined, previous: index },
    }
    this.logs.set(origin, log)
    return log
  }

  private countParts(log: LogState, receipt: VerifiedReceipt): void {
    for (const part of receipt.parts) {
      if (part.status === 'shown') this.shown += 1
      else {
        log.hiddenIndexes.push(receipt.index)
        log.hiddenParts.push(part.label)
      }
    }
  }

  close(): Findings {
    let erased = 0
    let undisclosed = 0
    for (const log of this.logs.values()) {
      for (const [at, index] of log.hiddenIndexes.entries()) {
        const isErased = log.erasures.some(
          ({ from, to, parts }) =>
            index >= from && index <= to && parts.includes(log.hiddenParts[at]),
        )
        if (isErased) erased += 1
        else undisclosed += 1
      }
    }
    const logs = [...this.logs.values()].map((log) => ({
      origin: log.origin,
      receipts: log.receipts,
      firstIndex: log.first,
      lastIndex: log.last,
      isGapless: log.isGapless,
      isWhole: log.isGapless && log.roots.size === 1 && log.roots.has(log.receipts),
      checkpoints: [...log.roots].map(([size, root]) => ({ size, root })),
    }))
    const { verified, failed, manifest, single } = this
    return {
      verified,
      failed,
      parts: { shown: this.shown, undisclosed, erased },
      logs,
      manifest,
      single,
    }
  }
}
