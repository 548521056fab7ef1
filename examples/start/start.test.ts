import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
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

/** Runs commands, as somebody who pastes them into a shell does. */
async function paste(commands: string): Promise<string> {
  const shell = spawn('bash', ['-c', commands], { stdio: ['ignore', 'pipe', 'ignore'] })
  let written = ''
  shell.stdout.on('data', (chunk: Buffer) => {
    written += chunk
  })
  await once(shell, 'close')
  return written
}

/** The commands that the start says. */
function findCommands(output: string): string {
  const commands = [...output.matchAll(/^ {2}((?:TOKEN=|curl ).*)$/gm)].map(([, line]) => line)
  expect(commands).toHaveLength(3)
  return commands.join('\n')
}

/** The session of the example's README.md, with this start's address and password. */
function findSession(output: string): string {
  const readme = readFileSync(join(import.meta.dirname, '../items-api/README.md'), 'utf8')
  const session = readme.split(/^## /m).find((part) => part.startsWith('Try it\n')) ?? ''
  const blocks = [...session.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block)
  expect(blocks).toHaveLength(2)
  const [, url = ''] = /^Items API +(\S+),/m.exec(output) ?? []
  const [, password = ''] = /^First admin admin, password (\S+)/m.exec(output) ?? []
  return blocks
    .join('')
    .replace('http://127.0.0.1:3000', url)
    .replace('PASSWORD=…', `PASSWORD=${password}`)
}

const urlsOf = (output: string): string[] => [
  ...new Set([...output.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(([url]) => url)),
]

test('one command starts all of it, what it and its README say works when pasted, and SIGTERM ends all of it', async () => {
  using temporary = createTemporaryFolder()
  const folder = join(temporary.path, 'data')
  const first = await start(folder)
  const written = await paste(findCommands(first.output))
  expect(written).toContain('"name":"Lamp"')
  expect(written).toMatch(/"user":"admin","verified":true,"action":"items\.create"/)
  const session = await paste(findSession(first.output))
  for (const text of [
    '"username":"ada","role":"user"',
    '"name":"Lamp","description":"Brass","price":24.5,"owner":"ada"',
    '{"field":"price","detail":"must be >= 0"}',
    '"items":[{"id":2,',
    '"code":"login-failed"',
    '"code":"permission-missing"',
    '"user":"ada","verified":false,"action":"users.login","outcome":"denied"',
    '"password":"[redacted:password]"',
  ]) {
    expect(session).toContain(text)
  }
  expect(session).not.toContain('hunter2')
  expect(first.output.match(/shown once/g)).toHaveLength(2)
  for (const name of ['indelible.key', 'items.db', 'jwt.secret', 'audit.spool']) {
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
  const pages = [...output.matchAll(/described at (\S+?)(?:,|$)/gm)].map(([, page = '']) => page)
  expect(pages).toHaveLength(2)
  for (const page of [...pages, ...urls.map((url) => `${url}/healthz`)]) {
    expect([page, (await fetch(page)).status]).toEqual([page, 200])
  }
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
