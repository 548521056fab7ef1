import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createTemporaryFolder, startPostgres } from '@indelible/testkit'
import { afterAll, expect, test } from 'vitest'
import { readTutorial, type Step, toPattern } from './tutorial/document.ts'
import { openTerminal, type Terminal } from './tutorial/terminal.ts'
import { run, start, withoutNoise } from './tutorial/typing.ts'

const root = join(import.meta.dirname, '..')
const [before = '', ...chapters] = readFileSync(join(root, 'docs/how-to/disaster.md'), 'utf8')
  .split(/^## /m)
  .slice(1)
const titleOf = (chapter: string): string => chapter.split('\n', 1)[0] ?? ''

/** As it is before any disaster: filled once, and copied for each. */
const prepared = createTemporaryFolder()
afterAll(() => prepared[Symbol.dispose]())

test('what the runbook says to have before is had', async () => {
  await using stack = new AsyncDisposableStack()
  const { path } = prepared
  for (const name of ['backups', 'safe', 'var/lib']) {
    mkdirSync(join(path, name), { recursive: true })
  }
  await followAll(before, await openPlace({ stack, path, databases: [] }))
})

test.each(chapters.map((chapter) => [titleOf(chapter), chapter]))(
  'what the runbook says is done: %s',
  async (title, chapter) => {
    using temporary = createTemporaryFolder()
    const { path } = temporary
    cpSync(prepared.path, path, { recursive: true })
    await using stack = new AsyncDisposableStack()
    const databases = title.startsWith('PostgreSQL') ? await startDatabases(stack) : []
    await followAll(chapter, await openPlace({ stack, path, databases }))
  },
)

/** Two terminals, and where the runbook's folders and databases really are. */
interface Place {
  readonly first: Terminal
  readonly second: Terminal
  move(text: string): string
}

async function openPlace(options: {
  readonly stack: AsyncDisposableStack
  readonly path: string
  readonly databases: readonly string[]
}): Promise<Place> {
  const { stack, path, databases } = options
  const [first, second] = [stack.use(open(path)), stack.use(open(path))]
  // A Ctrl-C that comes before the shell has begun would end it.
  for (const terminal of [first, second]) await run(terminal, ':')
  return {
    ...{ first, second },
    move: (text) =>
      text
        .replaceAll(/(?<=[ =('])\/(?=(?:backups|safe|var\/lib)\/)/g, `${path}/`)
        .replace(/postgres:\S+\/audit2/, databases[1] ?? '$&')
        .replace(/postgres:\S+\/audit(?= |$)/, databases[0] ?? '$&'),
  }
}

async function followAll(markdown: string, place: Place): Promise<void> {
  for (const step of readTutorial(markdown)) {
    if (step.kind !== 'command') throw new Error('A file is no step of a runbook.')
    await follow(step, place)
  }
}

async function startDatabases(stack: AsyncDisposableStack): Promise<readonly string[]> {
  const postgres = stack.use(await startPostgres())
  return [await postgres.createDatabase(), await postgres.createDatabase()]
}

const open = (folder: string) =>
  openTerminal({
    folder,
    environment: {
      // This Node, for what `node` is asked for, and the command line as it is installed.
      PATH: [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env.PATH].join(
        ':',
      ),
      HOME: folder,
      // As the first steps export it.
      INDELIBLE_DATA: join(folder, 'var/lib/indelible'),
      INDELIBLE_PORT: '0',
      INDELIBLE_DRAIN_SECONDS: '0',
      INDELIBLE_ROOT_KEY: 'root-key-of-the-runbook',
      INDELIBLE_ADMIN_PASSWORD: 'correct horse battery staple',
      INDELIBLE_LOG_LEVEL: 'error',
    },
  })

async function follow(
  step: Extract<Step, { kind: 'command' }>,
  { first, second, move }: Place,
): Promise<void> {
  const { command, output } = step
  const terminal = step.first ? first : second
  const pattern = toPattern(move(output))
  if (command === '^C') {
    terminal.interrupt()
    await run(terminal, ':')
    return
  }
  if (command.startsWith('indelible serve')) {
    const written = await start(terminal, move(command), pattern)
    const url = /listens on (http:\S+?);/.exec(written)?.[1]
    // The port is whichever was free: commands of the other terminal go there.
    if (url !== undefined) await run(second, `export INDELIBLE_URL=${url}`)
    return
  }
  const written = withoutNoise(await run(terminal, `${move(command)}; echo "exit $?"`))
  const [, code] = /exit (\d+)\n$/.exec(written) ?? []
  expect(code, `${command}: ${written}`).toBe('0')
  expect(written.replace(/exit 0\n$/, ''), command).toMatch(pattern)
}
