/** `pointer` lengthened by one member name or array index (RFC 6901). */
export function appendPointer(pointer: string, token: string | number): string {
  if (typeof token === 'number') return `${pointer}/${token}`
  const escaped = /[~/]/.test(token) ? token.replaceAll('~', '~0').replaceAll('/', '~1') : token
  return `${pointer}/${escaped}`
}

/** A member's name as it was, of one step of a pointer. */
export const unescapeToken = (token: string): string =>
  token.replaceAll('~1', '/').replaceAll('~0', '~')
