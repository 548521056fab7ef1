import { type Environment, isContent, readVariable } from './setting-reader.ts'
import { fileVariableOf, type Setting, settings } from './settings.ts'

/** A setting as it is in effect. */
export interface SettingInEffect {
  readonly name: string
  /** As it was given, or what is usual; of a secret one only `set`, of an address no password. */
  readonly value: string
  readonly from: 'flag' | 'variable' | 'file' | 'default'
  readonly isSecret: boolean
}

/**
 * Every setting, in effect or not yet sound: what `readConfig` finds at fault is told as it was given.
 * @param flags variables that flags were laid over
 */
export function describeSettings(
  environment: Environment,
  flags: ReadonlySet<string>,
): SettingInEffect[] {
  return settings.map((setting: Setting) => {
    const { name, usual, secret } = setting
    const isSecret = secret === 'whole'
    const fileVariable = fileVariableOf(name)
    const value = readVariable(environment, name)
    if (value !== undefined) {
      const from = flags.has(name) ? 'flag' : 'variable'
      return { name, value: hide(value, secret), from, isSecret }
    }
    if (secret !== undefined && readVariable(environment, fileVariable) !== undefined) {
      const from = flags.has(fileVariable) ? 'flag' : 'file'
      return { name, value: 'set', from, isSecret }
    }
    return { name, value: usual, from: 'default', isSecret }
  })
}

function hide(value: string, secret: Setting['secret']): string {
  if (secret === undefined) return isContent(value) ? 'set' : value
  if (secret === 'whole') return 'set'
  if (!/:|@/.test(value)) return value
  // A user, a password or a parameter may be in any of them, and what can't be read as one hides all.
  const addresses = value.split(/[\s,]+/).map((one) => URL.parse(one))
  // An @ in the path: a password with a / in it that should have been written as %2F.
  return addresses.every((url) => url !== null && url.host !== '' && !url.pathname.includes('@'))
    ? addresses.map((url) => `${url?.protocol}//${url?.host}${url?.pathname}`).join(',')
    : 'set'
}
