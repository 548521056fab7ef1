import { existsSync, readFileSync, writeFileSync } from 'node:fs'

interface KeyOptions {
  readonly url: string
  readonly rootKey: string
  /** Of the example, and of the only log that its key opens. */
  readonly name: string
  /** Where the key is kept for the next start, mode 0600. */
  readonly path: string
}

/** The example's key: the kept one, or a new one where there is none that the service knows. */
export async function keepKey(options: KeyOptions): Promise<string> {
  const { path } = options
  if (existsSync(path)) {
    const kept = readFileSync(path, 'utf8')
    if (await isAccepted(options, kept)) return kept
  }
  const key = await createKey(options)
  writeFileSync(path, key, { mode: 0o600 })
  return key
}

/** The service's folder may have been removed, and its keys with it. */
async function isAccepted({ url, name }: KeyOptions, key: string): Promise<boolean> {
  const response = await fetch(`${url}/v1/events?limit=1&tenant=${name}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  return response.status !== 401
}

async function createKey({ url, rootKey, name }: KeyOptions): Promise<string> {
  const response = await fetch(`${url}/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, scopes: ['append', 'read'], tenants: [name] }),
  })
  const text = await response.text()
  if (response.status !== 201) throw new Error(`Indelible made no key: ${text}`)
  const { key } = JSON.parse(text) as { key: string } // the API's answer
  return key
}
