import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '@indelible/testkit'
import { expect, test } from 'vitest'

const main = join(import.meta.dirname, 'main.ts')

interface Started {
  readonly child: ChildProcess
  /** All it wrote until it was ready. */
  readonly output: string
}

/** Resolves once the example says what to paste. */
function start(dataFolder: string): Promise<Started> {
  const child = spawn(process.execPath, [main, 'items-api'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, DATA_FOLDER: dataFolder, PORT: '0', INDELIBLE_PORT: '0' },
  })
  let output = ''
  return new Promise((resolve, reject) => {
    const note = (chunk: Buffer) => {
      output += chunk
      if (/\/audit .*\n/.test(output)) resolve({ child, output })
    }
    child.stdout?.on('data', note)
    child.stderr?.on('data', note)
    child.once('close', () => reject(new Error(`It ended: ${output}`)))
  })
}

/** Runs the commands that it says, as somebody who pastes them does. */
async function paste(output: string): Promise<string> {
  const commands = [...output.matchAll(/^ {2}((?:TOKEN=|curl ).*)$/gm)].map(([, line]) => line)
  expect(commands).toHaveLength(3)
  const shell = spawn('bash', ['-c', commands.join('\n')], { stdio: ['ignore', 'pipe', 'ignore'] })
  let written = ''
  shell.stdout.on('data', (chunk: Buffer) => {
    written += chunk
  })
  await once(shell, 'close')
  return written
}

const urlsOf = (output: string): string[] => [
  ...new Set([...output.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(([url]) => url)),
]

test('one command starts all of it, what it says works when pasted, and SIGTERM ends all of it', async () => {
  using temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'data')
  const first = await start(folder)
  const written = await paste(first.output)
  expect(written).toContain('"name":"Lamp"')
  expect(written).toMatch(/"user":"admin","verified":true,"action":"items\.create"/)
  expect(first.output.match(/shown once/g)).toHaveLength(2)
  for (const name of ['indelible.key', 'jwt.secret', 'audit.spool']) {
    expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600])
  }
  await end(first)

  const second = await start(folder)
  expect(second.output).not.toContain('shown once')
  await end(second)
})

async function end({ child, output }: Started): Promise<void> {
  const urls = urlsOf(output)
  expect(urls).toHaveLength(2)
  for (const url of urls) expect((await fetch(`${url}/healthz`)).status).toBe(200)
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  expect(await closed).toEqual([0, null])
  for (const url of urls) await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')
}

test('an example that is not there is refused, with the names of those that are', async () => {
  const child = spawn(process.execPath, [main, 'none'], { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk
  })
  expect(await once(child, 'close')).toEqual([2, null])
  expect(errors).toBe('Which example? One of: items-api, user-profiles\n')
})
