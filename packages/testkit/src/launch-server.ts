import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createRequests, type TestServer, testAdminPassword, testRootKey } from './start-server.ts'

/** The service as a process of its own, as a person starts it. */
export interface LaunchedServer extends TestServer {
  /** Everything it wrote to stdout and stderr so far. */
  output(): Buffer
}

/** Launches `indelible serve` on a data folder, at its most talkative. */
export async function launchServer(options: { readonly folder: string }): Promise<LaunchedServer> {
  const { folder } = options
  const main = join(import.meta.dirname, '../../cli/src/main.ts')
  const child = spawn(process.execPath, [main, 'serve', '--json'], {
    env: {
      PATH: process.env.PATH,
      INDELIBLE_PORT: '0',
      INDELIBLE_DATA: folder,
      INDELIBLE_ROOT_KEY: testRootKey,
      INDELIBLE_ADMIN_PASSWORD: testAdminPassword,
      INDELIBLE_LOG_LEVEL: 'trace',
    },
  })
  const closed = once(child, 'close')
  const chunks: Buffer[] = []
  const output = () => Buffer.concat(chunks)
  const { promise: announced, resolve, reject } = Promise.withResolvers<string>()
  const keep = (chunk: Buffer) => {
    chunks.push(chunk)
    const url = /"url":"(http:[^"]+)"/.exec(output().toString())?.[1]
    if (url !== undefined) resolve(url)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  closed.then(() => reject(new Error(`The service ended: ${output()}`)))
  const url = await announced
  const stop = async () => {
    child.kill('SIGTERM')
    await closed
  }
  return { url, folder, ...createRequests(url), stop, output, [Symbol.asyncDispose]: stop }
}
