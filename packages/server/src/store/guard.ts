/** What the publisher last vouched for, of one log. */
export interface GuardState {
  readonly origin: string
  readonly tenant: string
  readonly size: number
  /** Right edge of the tree at `size`, as in LogHead. */
  readonly edge: Uint8Array
}

/**
 * The publisher's own memory, kept apart from the log's database and its backups (evidence A2).
 * An implementer must make `advance` durable before it resolves.
 */
export interface Guard {
  list(): Promise<GuardState[]>
  /**
   * Compare-and-swap of every step, or of none: `from` is the size the guard must be at,
   * undefined for a log it has not met. Throws where another publisher moved it.
   */
  advance(
    steps: readonly { readonly from: number | undefined; readonly to: GuardState }[],
  ): Promise<void>
}
