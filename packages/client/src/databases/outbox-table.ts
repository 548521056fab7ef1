/** An event that waits in an outbox. */
export interface OutboxRow {
  readonly id: string
  /** The event's JSON. */
  readonly event: string
}

/** What a database does for a relay. Every call is a transaction of its own. */
export interface OutboxTable {
  /**
   * The oldest committed rows that wait: at least one if there is any, and it is this relay's turn.
   * Only order and traffic need turns: whoever appends an event twice appends the same.
   * `isAll`: there were no more.
   */
  read(
    eventsMax: number,
    bytesMax: number,
  ): Promise<{ readonly rows: readonly OutboxRow[]; readonly isAll: boolean }>
  /** A crash before it leaves rows that are appended again, which their ids make harmless. */
  remove(ids: readonly string[]): Promise<void>
  /** @param refusal JSON */
  setAside(id: string, refusal: string): Promise<void>
  /** Lets the next relay have its turn. */
  leave(): Promise<void>
  count(): Promise<RowCounts>
}

export interface RowCounts {
  /** Rows that wait, of whatever process. */
  readonly pending: number
  /** How long the oldest of them has waited, in milliseconds; null if none does. */
  readonly oldestMs: number | null
  /** Rows set aside, with the service's refusal. */
  readonly rejected: number
}
