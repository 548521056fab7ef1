import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

export const benchKey = 'root-key-for-the-bench'
/** proc(5): the kernel tells of times in ticks, a hundred a second everywhere. */
const msOfTick = 10

/** A program of this folder in a process of its own, ready to be measured. */
export interface Service extends AsyncDisposable {
  readonly port: number
  /** From start to listening. */
  readonly startMs: number
  /** Resident memory now, MB (Linux; undefined elsewhere). */
  residentMb(): number | undefined
  /** CPU that its threads have used since its start, ms (Linux; else it throws). */
  cpuMs(): number
  /** Entries not yet indexed, as the service counts them. */
  indexTail(): Promise<number>
  get(path: string): Promise<string>
}

/** How a program is started. */
interface Start {
  /** What starts it: `taskset -c 0`. */
  readonly launcher?: readonly string[]
  /** As anybody's application is: without the thrift that `scripts/node.mjs` asks of V8 and glibc. */
  readonly isPlain?: boolean
}

const withoutMalloc = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('MALLOC_')))

/** Starts `bench/<program>.ts` with the flags and environment the launcher gives. */
export async function startService(
  program: string,
  folder: string,
  environment: Readonly<Record<string, string>> = {},
  { launcher = [], isPlain = false }: Start = {},
): Promise<Service> {
  const begin = performance.now()
  const script = new URL(`./${program}.ts`, import.meta.url).pathname
  const flags = isPlain ? [] : process.execArgv
  const [command = '', ...rest] = [...launcher, process.execPath, ...flags, script]
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...(isPlain ? withoutMalloc(process.env) : process.env),
      INDELIBLE_PORT: '0',
      INDELIBLE_DATA: folder,
      INDELIBLE_ROOT_KEY: benchKey,
      INDELIBLE_ADMIN_PASSWORD: 'correct horse battery staple',
      INDELIBLE_LOG_LEVEL: 'error',
      ...environment,
    },
  })
  const port = await readPort(child)
  const startMs = performance.now() - begin
  const get = async (path: string) => {
    const headers = { authorization: `Bearer ${benchKey}` }
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
    if (!response.ok) throw new Error(`${path} was answered ${response.status}`)
    return response.text()
  }
  return {
    port,
    startMs,
    get,
    residentMb() {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
        return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
      } catch {
        return undefined
      }
    },
    cpuMs() {
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
      const [user = '', system = ''] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
      return (Number(user) + Number(system)) * msOfTick
    },
    async indexTail() {
      const answer: { indexTailEntries: number } = JSON.parse(await get('/readyz'))
      return answer.indexTailEntries
    },
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function readPort(child: ChildProcess): Promise<number> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += chunk
    const port = /\{"port":(\d+)\}/.exec(text)?.[1]
    if (port !== undefined) return Number(port)
  }
  throw new Error(`The program ended before it listened: ${text}`)
}
