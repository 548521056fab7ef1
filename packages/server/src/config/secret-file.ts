import { readFileSync } from 'node:fs'

/**
 * What a file holds that has one secret in it, as container platforms lay them out; one line end
 * at its end is an editor's and not a part of it.
 * @throws Error with words for the operator. They name neither path nor content: a common mistake
 *   is to give the secret itself where its file is meant.
 */
export function readSecretFile(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`the file it names can't be read (${codeOf(error)})`)
  }
  const secret = text.replace(/\r?\n$/, '')
  if (secret.trim() === '') throw new Error('the file it names is empty')
  if (/[\r\n]/.test(secret)) throw new Error('the file it names has more than one line')
  return secret
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
