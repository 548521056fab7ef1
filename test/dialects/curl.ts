import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

const isInstalled = spawnSync('curl', ['--version']).status === 0
const run = promisify(execFile)

/** A command as documents have it: `curl` where it is installed, else the same by `fetch`. */
export async function curl(args: readonly string[]): Promise<{ status: number; body: unknown }> {
  return isInstalled ? runCurl(args) : runFetch(args)
}

async function runCurl(args: readonly string[]) {
  const { stdout } = await run('curl', ['-s', '-w', '\n%{http_code}', ...args])
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), body: JSON.parse(stdout.slice(0, end)) }
}

async function runFetch(args: readonly string[]) {
  const headers = new Headers()
  let [url, method]: (string | undefined)[] = []
  let body: string | Uint8Array<ArrayBuffer> | undefined
  for (let at = 0; at < args.length; at++) {
    const [flag, value = ''] = [args[at], args[at + 1] ?? '']
    if (flag === '-H')
      headers.append(...(value.split(/: (.*)/s, 2) as [string, string])) // "Name: value"
    else if (flag === '-X') method = value
    else if (flag === '-d') body = value
    else if (flag === '--data-binary') body = new Uint8Array(readFileSync(value.slice(1)))
    else url = flag
    if (flag?.startsWith('-') === true) at++
  }
  const usual = body === undefined ? 'GET' : 'POST'
  const answer = await fetch(url ?? '', {
    ...{ method: method ?? usual, headers },
    ...(body === undefined ? {} : { body }),
  })
  return { status: answer.status, body: await answer.json() }
}
