import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { keepKey } from './key.ts'
import { spawnService } from './service.ts'

/** An Indelible, and a key to it; stopped when disposed, if we started it. */
export interface Indelible extends AsyncDisposable {
  readonly url: string
  readonly key: string
}

interface Options {
  /** Of the example: its log's, too. */
  readonly name: string
  readonly dataFolder: string
  readonly say: (line: string) => void
}

const defaultPort = '4680'

/** The one that the environment names, else one of our own. @throws Error with a sentence */
export async function findIndelible(options: Options): Promise<Indelible> {
  const { INDELIBLE_URL: url = '', INDELIBLE_KEY: key = '' } = process.env
  if (url === '' && key === '') return startIndelible(options)
  if (url === '' || key === '') {
    throw new Error('INDELIBLE_URL and INDELIBLE_KEY go together: set both, or neither.')
  }
  options.say(`Indelible   ${url}, that of INDELIBLE_URL`)
  return { url, key, async [Symbol.asyncDispose]() {} }
}

async function startIndelible({ name, dataFolder, say }: Options): Promise<Indelible> {
  const folder = join(dataFolder, 'indelible')
  // Known to nobody but us and the service, and to it for this run alone: it lies on no disk.
  const rootKey = randomBytes(32).toString('base64url')
  const wanted = Number(process.env.INDELIBLE_PORT ?? defaultPort)
  const port = (await isFree(wanted)) ? wanted : 0
  const service = await spawnService({ folder, rootKey, port, say })
  const { url, adminPassword } = service
  try {
    // Before anything can fail: the password is shown nowhere else.
    say(`Indelible   ${url}, process ${service.pid()}, its data in ${folder}`)
    const password = adminPassword === undefined ? '' : `, password ${adminPassword} (shown once)`
    say(`            described at ${url}/docs, its own user admin${password}`)
    const key = await keepKey({ url, rootKey, name, path: join(dataFolder, 'indelible.key') })
    say(`            the example's key can append to and read the log "${name}", no more`)
    return { url, key, [Symbol.asyncDispose]: service[Symbol.asyncDispose] }
  } catch (error) {
    await service[Symbol.asyncDispose]()
    throw error
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
