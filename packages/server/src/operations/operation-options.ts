/** How far an operation has come, in whatever it counts. */
export interface Progress {
  readonly done: number
  readonly total: number
}
export interface OperationOptions {
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}
