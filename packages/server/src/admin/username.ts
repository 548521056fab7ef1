// ASCII before lower-casing: U+212A (Kelvin sign) lower-cases to "k".
const pattern = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/

/** @returns the user name in lower case, or undefined for what can't be one */
export function parseUsername(text: string): string | undefined {
  return pattern.test(text) ? text.toLowerCase() : undefined
}
