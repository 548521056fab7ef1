/**
 * Where a store stands in a move of its logs to another store. Two stores hold the same keys
 * then, and only one of them may ever sign: the mark lies in the store itself, so that whoever
 * opens it finds it.
 */
export interface Move {
  /**
   * `filling`: being copied into, not whole yet. `moved`: its logs go on in the other store; the
   * store itself refuses every further row, whichever program writes it.
   */
  readonly state: 'filling' | 'moved'
  /** The other store, as people name it; never with a password. */
  readonly other: string
  /** Of this move: the same in both stores. */
  readonly id: string
}

/** What a store that has moved answers to whoever would write to it; ends up in a 503. */
export const describeMoved = ({ other }: Pick<Move, 'other'>): string =>
  `The logs of this service have moved to ${other}. Nothing more is kept here: use the service there.`

/** What a store that is being filled answers to whoever else would write to it. */
export const describeFilling = ({ other }: Pick<Move, 'other'>): string =>
  `This store is being filled from ${other} and is not whole yet. Run the same "indelible copy" ` +
  'again: it goes on where it was, and the service can start when it is done.'

/**
 * For a service that starts.
 * @throws Error with a sentence for the operator
 */
export function assertNotMoving(move: Move | undefined): void {
  if (move === undefined) return
  const { state, other } = move
  throw new Error(
    state === 'moved'
      ? `The logs of this store have moved to ${other}. Start the service on that store: two ` +
          'services with the same keys would sign two histories. See docs/how-to/move-to-postgresql.md.'
      : describeFilling(move),
  )
}

/**
 * For whoever copies a store as it is.
 * @throws Error with a sentence for the operator
 */
export function assertWhole(move: Move | undefined): void {
  if (move?.state === 'filling') throw new Error(describeFilling(move))
}

/** A mark as it is kept. */
export const formatMove = ({ state, other, id }: Move): string =>
  JSON.stringify({ state, other, id })

/** @throws Error where it is none: then nobody can say who may sign */
export function parseMove(text: string): Move {
  const value: unknown = JSON.parse(text)
  const { state, other, id } = (value ?? {}) as Partial<Move> // checked member by member below
  const isKnown = state === 'filling' || state === 'moved'
  if (isKnown && typeof other === 'string' && typeof id === 'string') return { state, other, id }
  throw new Error('The store says of a move what this version of Indelible does not know.')
}
