/** What lies side by side on a keyboard, in the alphabet and in numbers: passwords are made of pieces. */
const rows = [
  ...['01234567890123456789', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm'],
  ...['1qaz2wsx3edc4rfv5tgb6yhn7ujm', '1q2w3e4r5t6y7u8i9o0p', 'qwertzuiopasdfghjklyxcvbnm'],
].flatMap((row) => [row, [...row].reverse().join('')])

/** Words that anybody would try here; documented in docs/reference/access.md. */
const ownWords = ['indelible', 'audit', 'admin', 'password']
/** Characters that have to be left of a password without such words and the user's name. */
const ownCharsMin = 6

/**
 * Whether a password is among those that are tried first by whoever has no list: a piece repeated, a
 * row of the keyboard, or hardly more than the user's name and words of this product.
 * @param username in lower case
 */
export function isGuessable(password: string, username = ''): boolean {
  const text = password.toLowerCase()
  if (/^(.+?)\1+$/su.test(text) || rows.some((row) => row.includes(text))) return true
  const words = [...username.split(/[._@-]/).filter((part) => part.length > 2), ...ownWords]
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), text)
  return rest.length < text.length && rest.replaceAll(/[^\p{L}\p{N}]/gu, '').length < ownCharsMin
}
