import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findFreePorts, spawnGroup } from './broker.ts'

const repository = join(import.meta.dirname, '../../..')
const run = promisify(execFile)
const unshare = '/usr/bin/unshare'

/** What the last stage of the Dockerfile says of how the image is run. */
export interface Image {
  /** ENTRYPOINT, CMD, and what HEALTHCHECK runs. */
  readonly program: readonly string[]
  readonly command: readonly string[]
  readonly healthCheck: readonly string[]
  /** `uid:gid` */
  readonly user: string
  readonly environment: Readonly<Record<string, string>>
}

/** @throws Error where the Dockerfile has no such stage, or says it in a shell's words */
export function readDockerfile(): Image {
  const text = readFileSync(join(repository, 'deploy/Dockerfile'), 'utf8')
  const stage = text.split(/^FROM scratch$/m)[1]
  if (stage === undefined) throw new Error('The Dockerfile has no stage that begins from scratch.')
  const lines = stage.replaceAll(/\\\n\s*/g, '').split('\n')
  const find = (instruction: string): string =>
    lines.find((line) => line.startsWith(`${instruction} `))?.slice(instruction.length + 1) ?? ''
  const words = (list: string): string[] => JSON.parse(list.slice(list.indexOf('[')))
  return {
    program: words(find('ENTRYPOINT')),
    command: words(find('CMD')),
    healthCheck: words(find('HEALTHCHECK')),
    user: find('USER'),
    environment: Object.fromEntries(
      find('ENV')
        .split(' ')
        .map((pair) => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']),
    ),
  }
}

/** Makes the image's file system of this repository, as the Dockerfile does; takes ten seconds. */
export const installProduction = async (folder: string): Promise<void> => {
  const script = join(repository, 'deploy/install-production.sh')
  await run(script, [folder], { env: { ...process.env, NODE: process.execPath } })
}

/** The image running on its file system: read-only, but for the data. */
export interface RunningImage extends AsyncDisposable {
  readonly url: string
  /** Runs a program in it, beside the service. @returns its exit code, and what it wrote */
  enter(words: readonly string[]): { readonly code: number | null; readonly output: string }
  /** Ends the service as an engine does. */
  stop(): Promise<void>
}

/** @param options.root what `installProduction` made */
export async function startImage(options: {
  readonly root: string
  readonly environment: Readonly<Record<string, string>>
}): Promise<RunningImage> {
  const { root } = options
  const image = readDockerfile()
  const [port = 0] = await findFreePorts(1)
  const environment = {
    ...image.environment,
    INDELIBLE_HOST: '127.0.0.1',
    INDELIBLE_PORT: String(port),
    ...options.environment,
  }
  // A mount namespace of its own: whatever happens, nothing stays mounted.
  const wrap = (words: readonly string[]): string[] => [
    ...['--mount', '/bin/sh', '-euc', enterScript, 'sh', root, image.user],
    ...words,
  ]
  const service = spawnGroup(unshare, wrap([...image.program, ...image.command]), environment)
  await service.wrote('listens on')
  const stop = () => service.end('SIGTERM')
  return {
    url: `http://127.0.0.1:${port}`,
    enter(words) {
      const options = { env: environment, encoding: 'utf8' } as const
      const { status, stdout, stderr } = spawnSync(unshare, wrap(words), options)
      return { code: status, output: `${stdout}${stderr}` }
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Arguments: root, user, then what to run there, with the environment as it is. */
const enterScript = `
root=$1 user=$2 path=$PATH
shift 2
PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount --bind "$root" "$root"
mount --bind "$root/data" "$root/data"
mount -o remount,bind,ro "$root"
chroot=$(command -v chroot)
PATH=$path
exec "$chroot" --userspec="$user" "$root" "$@"
`
