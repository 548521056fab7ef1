import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const main = join(import.meta.dirname, '../../packages/cli/src/main.ts')

/** Runs `indelible …`, as a person does; the environment is what is given, and where programs are. */
export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  nodeFlags: readonly string[] = [],
): Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }> {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
  const child = spawn(process.execPath, [...nodeFlags, main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, NODE_COMPILE_CACHE, ...environment },
  })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  }
  const [code, signal] = await once(child, 'close')
  return { code, signal, output: Buffer.concat(chunks).toString() }
}
