import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Head } from '@indelible/protocol'

const program = '/usr/bin/linux.uml'
const diskMib = 64
const memoryMib = 512
/** UML keeps the guest's memory in a file: in memory, where there is some as a folder. */
const memoryFolder = existsSync('/dev/shm') ? '/dev/shm' : '/tmp'

/** What real power cuts need and this machine lacks; undefined where it has everything. */
export function lacksGuest(): string | undefined {
  const tools = [program, ...['mkfs.ext4', 'e2fsck', 'debugfs', 'ip'].map(findTool)]
  if (
    process.platform === 'linux' &&
    tools.every((tool) => tool !== undefined && existsSync(tool))
  ) {
    return undefined
  }
  return 'User-Mode Linux: apt-get install user-mode-linux e2fsprogs iproute2'
}

const findTool = (name: string): string | undefined =>
  ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].map((at) => join(at, name)).find(existsSync)

function run(name: string, args: readonly string[], codeMax = 0): void {
  const { status, stderr } = spawnSync(findTool(name) ?? name, args, { encoding: 'utf8' })
  if (status === null || status > codeMax) throw new Error(`${name} ended by ${status}: ${stderr}`)
}

/** Makes an empty disk. */
export function createGuestDisk(path: string): void {
  run('truncate', ['-s', `${diskMib}M`, path])
  run('mkfs.ext4', ['-q', '-F', path])
}

/**
 * Reads what a cut left on a disk, from a copy of it: its journal is replayed as at a mount.
 * @returns the folder with all that is on it
 */
export function readGuestDisk(path: string, target: string): string {
  const copy = `${target}.img`
  run('cp', ['--sparse=always', path, copy])
  // 1: something was put right, the journal above all; more is a file system that was lost.
  run('e2fsck', ['-fy', copy], 1)
  mkdirSync(target)
  run('debugfs', ['-R', `rdump / ${target}`, copy])
  run('rm', [copy])
  return target
}

/** A machine with the service under load on a disk of its own. */
export interface Guest {
  /** Answered so far, as far as the guest could still say so. */
  readonly heads: readonly Head[]
  /** Resolves when so many are. @throws Error with what the guest said, where it ended or broke */
  waitFor(heads: number): Promise<void>
  /** The whole machine is gone at once, with its memory. */
  cutPower(): Promise<void>
}

/**
 * @param options.life names the events of this life
 * @param options.onWord told of every line that the guest says
 */
export function bootGuest(
  disk: string,
  options: { readonly life: string; readonly onWord: () => void },
): Guest {
  const { life, onWord } = options
  const child = spawn(
    program,
    [
      `mem=${memoryMib}M`,
      ...['rootfstype=hostfs', 'rootflags=/', 'ro', `ubd0=${disk}`],
      `init=${join(import.meta.dirname, 'init.sh')}`,
      ...['con=null', 'con0=null,fd:1', 'quiet'],
      `GUEST_NODE=${process.execPath}`,
      `GUEST_LOAD=${new URL('./guest-load.ts', import.meta.url).pathname}`,
      `GUEST_LIFE=${life}`,
    ],
    {
      detached: true, // a group of its own: UML is many processes
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { TMPDIR: memoryFolder, HOME: dirname(disk) },
    },
  )
  const closed = once(child, 'close')
  const heads: Head[] = []
  const said: string[] = []
  let wake = Promise.withResolvers<void>()
  let isBroken = false
  createInterface({ input: child.stdout }).on('line', (line) => {
    const kept = /^@kept (.*)$/.exec(line.trimEnd())?.[1]
    if (kept !== undefined) heads.push(...parseHeads(kept))
    else said.push(line)
    onWord()
    isBroken ||= /^@(broke|ended)|Kernel panic/.test(line)
    wake.resolve()
  })
  closed.then(() => {
    isBroken = true
    wake.resolve()
  })
  return {
    heads,
    async waitFor(count) {
      while (heads.length < count) {
        if (isBroken) throw new Error(`The guest ended: ${said.slice(-20).join('\n')}`)
        await wake.promise
        wake = Promise.withResolvers()
      }
    },
    async cutPower() {
      killGroup(child)
      await closed
    },
  }
}

/** An answer may be cut off in the middle of its line: then nobody has read it. */
function parseHeads(text: string): readonly Head[] {
  try {
    return JSON.parse(text).entries
  } catch {
    return []
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL')
}
