import { readFileSync } from 'node:fs'
import { messageOf } from '../base/message-of.ts'
import { readSecretFile } from './secret-file.ts'
import { fileVariableOf, type SettingName, settings } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads settings one by one; what is wrong with any of them is collected, to be told at once. */
export interface SettingReader {
  /** `<variable>: <what it should be>`, in the order in which they were found. */
  readonly faults: readonly string[]
  /** A setting's trimmed value; a secret one's perhaps from its file. Undefined: not set. */
  text(name: SettingName): string | undefined
  number(name: SettingName, bounds: NumberBounds): number
  toggle(name: SettingName): boolean
  /** What the file holds that a setting names. */
  contents(name: SettingName): string | undefined
  check(name: string, isFine: boolean, expectation: string): void
}

interface NumberBounds {
  readonly usual: number
  readonly min?: number
  readonly max: number
  /** Of what it is a number; `a whole number` refuses fractions. */
  readonly unit: string
  readonly isWhole?: boolean
}

const secretNames: ReadonlySet<string> = new Set(
  settings.flatMap((setting) => ('secret' in setting ? [setting.name] : [])),
)

/** A variable's value; empty counts as not set. */
export function readVariable(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim()
  return value === '' ? undefined : value
}

/** A common mistake: a key in PEM where its file is meant. It must be in nobody's diagnostics. */
export const isContent = (value: string): boolean => /[\r\n]|-----BEGIN/.test(value)

export function createSettingReader(environment: Environment): SettingReader {
  const faults = new Set<string>()
  const check: SettingReader['check'] = (name, isFine, expectation) => {
    if (!isFine) faults.add(`${name}: ${expectation}`)
  }
  /** Runs what may throw a sentence for the operator. */
  const attempt = <T>(name: string, read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      check(name, false, messageOf(error))
      return undefined
    }
  }
  const text = (name: SettingName): string | undefined => {
    const given = readVariable(environment, name)
    if (name.endsWith('_FILE') && given !== undefined && isContent(given)) {
      check(name, false, 'the name of a file, not what is in it')
      return undefined
    }
    const fileVariable = fileVariableOf(name)
    const path = secretNames.has(name) ? readVariable(environment, fileVariable) : undefined
    if (path === undefined) return given
    check(fileVariable, given === undefined, `only one of it and ${name}`)
    return attempt(fileVariable, () => readSecretFile(path)) ?? given
  }
  return {
    get faults() {
      return [...faults]
    },
    check,
    text,
    number(name, { usual, min = 0, max, unit, isWhole = false }) {
      const number = Number(text(name) ?? usual)
      const isFine = number >= min && number <= max && (!isWhole || Number.isInteger(number))
      check(name, isFine, `${unit}, ${min} to ${max}`)
      return number
    },
    toggle(name) {
      const value = text(name) ?? 'false'
      check(name, value === 'true' || value === 'false', 'true or false')
      return value === 'true'
    },
    contents(name) {
      const path = text(name)
      return path === undefined ? undefined : attempt(name, () => readFileSync(path, 'utf8'))
    },
  }
}
