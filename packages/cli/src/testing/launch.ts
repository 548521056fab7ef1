import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** What `npx indelible` runs. */
export const launcher = join(import.meta.dirname, '../../bin/indelible.mjs')

/** Runs the command line as a process of its own, without this one's settings. */
export function launch(words: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [launcher, ...words], { env: { PATH, HOME } })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk)
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })))
}

/** The service as a process that can be killed without warning. */
export async function startServiceProcess(options: {
  readonly folder: string
  readonly port: number
  readonly rootKey: string
}) {
  const main = join(import.meta.dirname, '../main.ts')
  const flags = ['--data', options.folder, '--port', String(options.port)]
  const more = ['--root-key', options.rootKey, '--log-level', 'silent', '--json']
  const child = spawn(process.execPath, [main, 'serve', ...flags, ...more])
  const closed = once(child, 'close')
  const [text] = await Promise.race([
    once(child.stdout, 'data'),
    closed.then(() => {
      throw new Error('The service ended before it listened.')
    }),
  ])
  // What `serve --json` says first.
  const { url } = JSON.parse(String(text)) as { url: string }
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await closed
    },
  }
}
