import type { AdminChange } from '../store/store.ts'
import { put, remove, type SettingRecord } from './records.ts'

/** The last exclusive act left a setting of this name, and its number. */
const markPrefix = 'act:'

export function findMark(settings: ReadonlyMap<string, SettingRecord>): string | undefined {
  return [...settings.keys()].find((id) => id.startsWith(markPrefix))
}

/**
 * The changes that let one exclusive act through at a time, over all nodes: each takes away the
 * mark that the one before it left, so that whoever decided on older knowledge finds it gone.
 */
export function passTurnstile(settings: ReadonlyMap<string, SettingRecord>): AdminChange[] {
  const mark = findMark(settings)
  const number = mark === undefined ? 1 : Number(mark.slice(markPrefix.length)) + 1
  const next = markPrefix + number
  const left = put('setting', next, { id: next, value: number }, 'absent')
  return mark === undefined ? [left] : [remove('setting', mark, 'present'), left]
}
