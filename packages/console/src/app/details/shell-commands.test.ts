import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { formatCurl, formatVerify } from './shell-commands.ts'

/** The words that a shell makes of a command, which it does not run. */
const split = (command: string): string[] =>
  execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
    .trim()
    .split('\n')

test('a name that a hostile service chose stays one word of the copied command', () => {
  const vkey = "x';id;'`id`$(id)+1a2b3c4d+AQ=="
  expect(split(formatVerify(vkey)).at(-1)).toBe(vkey)
  const words = split(formatCurl('https://audit.example', { tenant: "a'b", id: "';id;$(id)" }))
  expect(words[1]).toBe("https://audit.example/v1/events/'%3Bid%3B%24(id)?tenant=a%27b")
})
