const nonZeroDigit = /^-?[0.]*[1-9]/
/** From here on a double is written with an exponent, so what is kept is no integer literal. */
const exponentFrom = 1e21

/**
 * What a double can't carry of a JSON number; rounding a decimal fraction is no fault. An integer,
 * as sent or as it would be kept, must be safe (RFC 7493 §2.2): `1e20` would be kept as
 * `100000000000000000000`, `1e22` is kept as `1e+22`.
 *
 * @returns the fault in words, or undefined.
 */
export function findNumberFault(
  literal: string,
  value: number,
  isIntegerLiteral: boolean,
): string | undefined {
  if (!Number.isFinite(value)) return 'A number too large for a double'
  if (value === 0 && nonZeroDigit.test(literal)) return 'A number too small for a double'
  const isKeptAsInteger = isIntegerLiteral || Math.abs(value) < exponentFrom
  if (isKeptAsInteger && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return 'An integer beyond ±(2^53−1), which must be sent as a string,'
  }
  return undefined
}
