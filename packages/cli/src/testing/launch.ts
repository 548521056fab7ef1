import { spawn } from 'node:child_process'

/** What `npx indelible` runs. */
export const launcher = new URL('../../bin/indelible.mjs', import.meta.url).pathname

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
