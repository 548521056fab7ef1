import type { KeptEntry } from './store.ts'

/** Facts of one value; `memo` belongs to the tokenizer of one index. */
export interface IndexedGroup {
  readonly facts: readonly string[]
  memo: { readonly tenant: string; readonly text: string } | undefined
}

/** What the index is told of an entry. */
export interface IndexedFacts {
  /** Facts by the value they come from; a value that recurs may bring the same object again. */
  readonly groups: readonly IndexedGroup[]
  /** The event's `time`, Unix milliseconds. */
  readonly time: number
}

/** What of an entry can be searched for. */
export type IndexableEntry = Pick<KeptEntry, 'type' | 'received' | 'parts'>

/** Each index needs a reader of its own: tokens that are kept in `memo` are made with its secret. */
export type ReadFacts = (entry: IndexableEntry) => IndexedFacts
