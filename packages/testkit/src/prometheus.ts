import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFreePorts, isInstalled, spawnGroup } from './broker.ts'
import { createTemporaryFolder } from './start-server.ts'

const prometheus = '/usr/bin/prometheus'
const promtool = '/usr/bin/promtool'

export const hasPrometheus = (): boolean =>
  isInstalled(
    [prometheus, promtool].every((path) => existsSync(path)),
    'Prometheus is not installed: apt-get install --no-install-recommends prometheus',
  )

/** @returns all that it wrote. @throws Error with that, where it finds anything wrong */
export const runPromtool = (args: readonly string[], folder: string): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(promtool, args, { cwd: folder }, (error, stdout, stderr) => {
      if (error === null) resolve(`${stdout}${stderr}`)
      else reject(new Error(`${error.message}\n${stdout}${stderr}`))
    })
  })

/** One series of an answer: its labels, and the newest value as Prometheus writes it. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [time: number, value: string]
}

/** A Prometheus of the test's own. */
export interface Prometheus extends AsyncDisposable {
  readonly url: string
  /** An instant query. @throws Error with Prometheus's own words where it is faulty */
  query(expression: string): Promise<readonly Sample[]>
}

/** Starts one in a temporary folder; takes about a second. @param config its configuration, YAML or JSON */
export async function startPrometheus(config: string): Promise<Prometheus> {
  const folder = createTemporaryFolder()
  const [port = 0] = await findFreePorts(1)
  const file = join(folder.path, 'prometheus.yml')
  writeFileSync(file, config)
  const program = spawnGroup(
    prometheus,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    {},
  )
  await program.wrote('Server is ready to receive web requests')
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    async query(expression) {
      const parameters = new URLSearchParams({ query: expression })
      const response = await fetch(`${url}/api/v1/query?${parameters}`)
      const answer = (await response.json()) as Answer // as Prometheus documents it
      if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`)
      return answer.data.result
    },
    async [Symbol.asyncDispose]() {
      await program.end('SIGKILL')
      folder[Symbol.dispose]()
    },
  }
}

type Answer =
  | { readonly status: 'success'; readonly data: { readonly result: readonly Sample[] } }
  | { readonly status: 'error'; readonly error: string }
