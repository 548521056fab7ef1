import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasChromium, startBrowser } from '@indelible/testkit'
import type { Page } from 'playwright-core'
import { catchUp, fill } from './appends.ts'
import { measurePage } from './console-page.ts'
import { createRandom } from './events.ts'
import type { Row, Scale } from './report.ts'
import { benchKey, type Service, startService } from './service.ts'

const root = join(import.meta.dirname, '..')
const sample = join(root, 'packages/testkit/samples/cloudtrail.ndjson')
const chunkEvents = 50_000

interface Template {
  readonly actor: { readonly id: string }
  readonly targets?: readonly { readonly id: string }[]
  readonly context?: object
}

/** The console over a long log, in Chromium: what a person waits for, from the key to the rows. */
export async function measureConsole(folder: string, scale: Scale): Promise<Row[]> {
  if (!hasChromium()) throw new Error('Chromium is not installed.')
  await using service = await startService('our-server', join(folder, 'console'))
  const entries = scale.searchEntries * 10
  await fillLikeCloudTrail(service, entries)
  const browser = await startBrowser()
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    await signIn(page, service)
    return await measurePage(page, entries)
  } finally {
    await browser.close()
  }
}

async function signIn(page: Page, { port }: Service): Promise<void> {
  await page.goto(`http://127.0.0.1:${port}/console`)
  await page.getByLabel('Username').fill('admin')
  await page.getByLabel('Password').fill('correct horse battery staple')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('[role=grid][aria-busy=false] .row').first().waitFor()
}

/** The sample as the command imports it, again and again, by other people on other things. */
async function fillLikeCloudTrail(service: Service, entries: number): Promise<void> {
  const url = `http://127.0.0.1:${service.port}`
  const words = ['import', '--from', 'cloudtrail', '--json', '--url', url, sample]
  const env = { ...process.env, INDELIBLE_KEY: benchKey }
  await promisify(execFile)(
    process.execPath,
    [join(root, 'packages/cli/bin/indelible.mjs'), ...words],
    { env },
  )
  const lines = (await service.get('/v1/export')).trim().split('\n')
  const templates = lines.map((line) => JSON.parse(line).event as Template) // as imported above
  const random = createRandom(7)
  // Three months that end now.
  const stepMs = (90 * 86_400_000) / entries
  const start = Date.now() - entries * stepMs
  for (let sent = lines.length; sent < entries; sent += chunkEvents) {
    const count = Math.min(chunkEvents, entries - sent)
    const texts = Array.from({ length: count }, (_, n) => {
      const template = templates[Math.floor(random() * templates.length)]
      return JSON.stringify(varyEvent(template, random, start + (sent + n) * stepMs))
    })
    await fill(service, texts)
    process.stderr.write(`  ${(sent + count).toLocaleString('en')} entries\n`)
  }
  await catchUp(service)
}

function varyEvent(template: Template | undefined, random: () => number, time: number) {
  /** Heavy-tailed: the first of `count` are chosen far more often than the last. */
  const tail = (count: number) => Math.floor(count * random() ** 3)
  const { actor = { id: 'nobody' }, targets = [], context, ...rest } = template ?? {}
  return {
    ...rest,
    id: randomUUID(),
    time: new Date(time).toISOString(),
    actor: { ...actor, id: `${actor.id}-${tail(2_000)}` },
    targets: targets.map((target) => ({ ...target, id: `${target.id}-${tail(20_000)}` })),
    context: {
      ...context,
      ip: `10.${tail(250)}.${tail(250)}.${tail(250)}`,
      request: randomUUID(),
    },
  }
}
