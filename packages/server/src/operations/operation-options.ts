import type { AuditOptions } from '../verify/audit-log.ts'

/** How far an operation has come, in whatever it counts. */
export interface Progress {
  readonly done: number
  readonly total: number
}
export interface OperationOptions {
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

/** How much an audit reads, and how fast: all of it at once, if neither is given. */
export type AuditExtent = Pick<AuditOptions, 'audited' | 'rest'>
