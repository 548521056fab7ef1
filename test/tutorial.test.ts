import { once } from 'node:events'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { createTemporaryFolder } from '@indelible/testkit'
import { expect, test } from 'vitest'
import { createClone, installTarball } from './packing/clone.ts'
import { applyHunks, readTutorial, type Step, toPattern } from './tutorial/document.ts'
import { openTerminal, type Terminal } from './tutorial/terminal.ts'
import { run, start, withoutNoise } from './tutorial/typing.ts'

const root = join(import.meta.dirname, '..')
const tutorial = 'docs/tutorials/audit-trail-in-ten-minutes.md'

test('an audit trail takes ten minutes: the tutorial does what it says, to the letter', async () => {
  using temporary = createTemporaryFolder()
  const clone = join(temporary.path, 'indelible')
  const shop = join(temporary.path, 'shop')
  createClone(clone)
  const [service, application] = [await findFreePort(), await findFreePort()]
  /** To ports that are free. */
  const move = (text: string): string =>
    text
      .replaceAll('127.0.0.1:4680', `127.0.0.1:${service}`)
      .replaceAll(/(localhost:|listen\()3000/g, `$1${application}`)
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: temporary.path,
    INDELIBLE_PORT: `${service}`,
    // Its diagnostics are none of the tutorial's.
    INDELIBLE_LOG_LEVEL: 'error',
    INDELIBLE_URL: `http://127.0.0.1:${service}`,
  }
  await using first = openTerminal({ folder: clone, environment })
  await using second = openTerminal({ folder: clone, environment })
  let rootKey = ''

  async function follow(step: Step): Promise<void> {
    if (step.kind === 'file') return writeFileSync(join(shop, step.path), move(step.text))
    if (step.kind === 'edit') {
      const path = join(shop, step.path)
      return writeFileSync(path, applyHunks(readFileSync(path, 'utf8'), step.hunks))
    }
    const { command, output } = step
    if (command === 'npm ci') return
    // A test asks no registry.
    if (command === 'npm install express') return linkExpress(shop)
    if (command.startsWith('npm install ../indelible/')) {
      installTarball(join(clone, 'indelible-client-0.1.0.tgz'), shop)
      return
    }
    const terminal = step.first ? first : second
    if (command === '^C') {
      terminal.interrupt()
      await run(terminal, ':')
      return
    }
    const written = await type(terminal, move(command.replace('ind_…', rootKey)), toPattern(output))
    rootKey ||= /root key +(\S+)/.exec(written)?.[1] ?? ''
  }

  for (const step of readTutorial(readFileSync(join(root, tutorial), 'utf8'))) await follow(step)
})

/** @returns what was written, which is as the pattern says */
async function type(terminal: Terminal, command: string, pattern: RegExp): Promise<string> {
  if (/^npm start$|&$/.test(command)) {
    return start(terminal, command, pattern)
  }
  // What is recorded is delivered in the background: a person is slower than that.
  if (command.startsWith('indelible search')) {
    await expect
      .poll(() => run(terminal, command), { message: command, timeout: 60_000 })
      .toMatch(pattern)
    return ''
  }
  const written = withoutNoise(await run(terminal, command))
  expect(written, command).toMatch(pattern)
  return written
}

function linkExpress(folder: string): void {
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(root, 'node_modules/express'), join(folder, 'node_modules/express'))
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe
  server.close()
  await once(server, 'close')
  return port
}
