export const usernamePattern = /^[a-z0-9][a-z0-9._-]{1,31}$/

/**
 * The username of a body of any shape, for the trail; undefined for what can't be one: people type
 * their password there, too, and most passwords can't.
 */
export function readUsername(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('username' in body)) return undefined
  const { username } = body
  return typeof username === 'string' && usernamePattern.test(username) ? username : undefined
}
