import { InvalidArgumentError } from 'commander'

/** Reads a flag's whole number within bounds; a fault is told as a usage error of that flag. */
export const wholeNumber =
  (min: number, max: number = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= min && value <= max)) {
      throw new InvalidArgumentError(`Must be a whole number from ${min} to ${max}.`)
    }
    return value
  }

/** Gathers a repeatable flag. */
export const collect = (value: string, previous: readonly string[] = []): string[] => [
  ...previous,
  value,
]
