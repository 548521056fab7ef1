import type { Random } from '@indelible/testkit'
import type { Draft } from '../draft.ts'

/** One way to spoil a request. */
export interface Mutation {
  readonly name: string
  /** How often it is drawn, beside the others. Default: 1. */
  readonly weight?: number
  /** Where there is something of the kind to be spoilt. Default: everywhere. */
  readonly fits?: (draft: Draft) => boolean
  /** Nothing must be changed beside it: what the answer has to be would no longer be known. */
  readonly isAlone?: true
  readonly apply: (draft: Draft, random: Random, means: Means) => void
}

/** What requests are spoilt with. */
export interface Means {
  readonly credentials: readonly string[]
  readonly cursor: string
}

/** Texts that programs send where they should not, and what parsers and stores stumble on. */
export const oddTexts = [
  ...['', ' ', '*', '.', '..', '../../etc/passwd', '\n', '\r\n', '\t', '%', '%00', '%ff'],
  ...['null', 'undefined', 'NaN', 'true', '-1', '0', '1e9', '9'.repeat(30), '0x10', '１２'],
  ...['_system', '*,*', '__proto__', 'constructor', 'toString', 'a'.repeat(300), 'x'.repeat(3_000)],
  ...['2026-13-01T00:00:00Z', '275760-09-13T00:00:00Z', '2016-12-31T23:59:60Z', 'now-1h', 'now+'],
  ...["' OR 1=1 --", '$.a->>b', '"', 'a:b', '(', '-a:"b', 'a*b', '[]', '{}', '<script>', '={1+1}'],
  ...['\ufeff', '\u202e', '\u0000', 'é', 'e\u0301', 'ﬀ', '👩‍👩‍👧', 'İ', 'ß', '\uffff', '\u2028'],
]
