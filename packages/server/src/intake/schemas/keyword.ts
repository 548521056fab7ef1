import type { JsonObject } from '../../base/json-object.ts'
import type { Pattern } from './pattern.ts'
import type { Check } from './walk.ts'

/** Where a keyword stands, and what it may ask for. */
export interface Site {
  /** The schema that it is a part of. */
  readonly schema: JsonObject
  /** Says what is wrong with the keyword, or with what it has under `token`. */
  refuse(detail: string, token?: string | number): undefined
  compile(schema: unknown, token?: string | number): Check
  /** Another keyword's schema. */
  compileBeside(schema: unknown, keyword: string): Check
  /** @param keyword whose it is, and who names its faults; default: this one */
  compilePattern(source: unknown, token?: string, keyword?: string): Pattern | undefined
}

/** One keyword's word on values; undefined where it has none, or is faulty. */
export type Keyword = (operand: unknown, site: Site) => Check | undefined

export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0

export const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string')
