import { expect } from 'vitest'
import type { Terminal } from './terminal.ts'

/** Some commands compile and pack. */
const timeout = 120_000

/** @returns what was written until the command had ended */
export async function run(terminal: Terminal, command: string): Promise<string> {
  const end = '--- ended ---\n'
  terminal.type(`${command}\necho '${end.trim()}'`)
  await expect.poll(() => terminal.written(), { message: command, timeout }).toContain(end)
  return terminal.written().replace(end, '')
}

/** Starts what goes on running. @returns what was written until it was as the pattern says */
export async function start(terminal: Terminal, command: string, pattern: RegExp): Promise<string> {
  terminal.type(command)
  const written = () => withoutNoise(terminal.written())
  await expect.poll(written, { message: command, timeout }).toMatch(pattern)
  return written()
}

/** What npm says before it runs a script, and the shell of a job that was killed. */
export const withoutNoise = (written: string): string =>
  written
    .replace(/^\n(?:> .*\n)+\n/, '')
    .replaceAll(/^bash: line \d+: +\d+ (?:Killed|Terminated).*\n/gm, '')
