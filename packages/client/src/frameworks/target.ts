/** In origin form (RFC 9112 §3.2.1), and nothing in it that is read in more than one way. */
const plainPattern = /^\/[^#\s]*$/

/**
 * The path of a request's target.
 * @returns undefined where the framework must be asked: a caller can send an absolute address, or a
 * fragment, which `parseurl` reads by Node's old parser, and that takes backslashes for slashes
 */
export function cutQuery(target: string): string | undefined {
  if (!plainPattern.test(target)) return undefined
  const end = target.indexOf('?')
  return end === -1 ? target : target.slice(0, end)
}
