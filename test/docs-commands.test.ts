import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestServer } from '@indelible/testkit'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../packages/cli/src/program.ts'

/** What the documents tell a reader to type is there: commands, flags, routes. JSON is JSON. */
const root = join(import.meta.dirname, '..')
const documents = [
  'README.md',
  ...['vectors', 'packages/client', 'packages/proof', 'packages/viewer'].map(
    (folder) => `${folder}/README.md`,
  ),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

interface Block {
  readonly path: string
  readonly language: string
  readonly text: string
}
const blocks: Block[] = documents.flatMap(({ path, text }) =>
  [...text.matchAll(/^ *```(\w+)\n(.*?)^ *```/gms)].map(([, language = '', inside = '']) => ({
    ...{ path, language, text: inside },
  })),
)

/** What is typed, one command an item, with its continued lines; output of the console is not. */
const typed = blocks
  .filter(({ language }) => ['sh', 'bash', 'console'].includes(language))
  .flatMap(({ path, language, text }) =>
    text
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .filter((line) => language !== 'console' || line.startsWith('$ '))
      .map((line) => ({ path, line: line.replace(/^\$ /, '').replace(/\s+#.*$/, '') })),
  )

/** Words as a shell has them, as far as documents go; quotes stay. */
const wordsOf = (line: string): string[] => line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []
const endsCommand = (word: string): boolean => /^(?:[|;&<>)]|\d?>)/.test(word)

/** What a program's name may stand behind; behind anything else it is the name of something. */
const beginsCommand = /^(?:npx|exec|sudo|time|\|\|?|&&?|;|\$\(|\w+=.*)$/

function readCommands(line: string): string[][] {
  const words = wordsOf(line)
  return words.flatMap((word, at) => {
    if (word !== 'indelible' || (at > 0 && !beginsCommand.test(words[at - 1] ?? ''))) return []
    const rest = words.slice(at + 1)
    const end = rest.findIndex(endsCommand)
    return [end === -1 ? rest : rest.slice(0, end)]
  })
}

const shell = { stdout: { write: () => true }, stderr: { write: () => true } }
// Help alone is asked of it: nothing is read from it, and nothing run.
const program = createProgram(shell as unknown as Parameters<typeof createProgram>[0])

function findCommand(words: readonly string[], within: Command = program): Command | undefined {
  const [first = '', ...rest] = words
  if (within.commands.length === 0) return within
  const found = within.commands.find((one) => one.name() === first)
  return found === undefined ? undefined : findCommand(rest, found)
}
const flagsOf = (command: Command): string[] => [
  ...command.options.flatMap(({ long, short }) => [long, short].filter((flag) => flag != null)),
  '--help',
]

describe('commands', () => {
  const shown = typed.flatMap(({ path, line }) =>
    readCommands(line).map((words) => ({ path, words })),
  )

  test('each that is shown is there, with its flags', () => {
    expect(shown.length).toBeGreaterThan(60)
    const faults = shown.flatMap(({ path, words }) => {
      if (words.length === 1 && /^--(?:help|version)$/.test(words[0] ?? '')) return []
      const command = findCommand(words)
      const text = `${path}: indelible ${words.join(' ')}`
      if (command === undefined) return [`${text}: no such command`]
      return words
        .filter((word) => word.startsWith('--'))
        .map((word) => word.split('=')[0] ?? '')
        .filter((flag) => !flagsOf(command).includes(flag))
        .map((flag) => `${text}: no flag ${flag}`)
    })
    expect(faults).toEqual([])
  })

  const cli = documents.find(({ path }) => path === 'docs/reference/cli.md')?.text ?? ''
  const all = documents.map(({ text }) => text).join('\n')
  /** A setting of the service: it has its variable's name, and is explained with it. */
  const isSetting = (flag: string): boolean => {
    const variable = `INDELIBLE_${flag.slice(2).toUpperCase().replaceAll('-', '_')}`
    // Both brokers' are explained once, as `…_QUEUE`: config/read-queue-config.test.ts holds them to it.
    const ofBroker = variable.replace(/^INDELIBLE_(?:AMQP|NATS)_/, '`…_')
    return [variable, variable.replace(/_FILE$/, ''), ofBroker].some((name) => all.includes(name))
  }
  const leaves = (command: Command, name: string): { name: string; command: Command }[] =>
    command.commands.length === 0
      ? [{ name, command }]
      : command.commands.flatMap((one) => leaves(one, `${name} ${one.name()}`.trim()))

  test.each(leaves(program, '').map(({ name, command }) => [name, command] as const))(
    'docs/reference/cli.md has %s, and each of its flags',
    (name, command) => {
      const [first = '', verb] = name.split(' ')
      expect(cli).toMatch(new RegExp(`\`${first}\\b`))
      if (verb !== undefined) expect(cli).toMatch(new RegExp(`\\b${verb}\\b`))
      const missing = flagsOf(command)
        .filter((flag) => flag.startsWith('--') && flag !== '--help')
        .filter((flag) => !cli.includes(flag) && !isSetting(flag))
      expect(missing).toEqual([])
    },
  )
})

describe('requests', () => {
  test('each that is shown goes to a route that is there', async () => {
    const routes: { method: string; pattern: RegExp }[] = []
    const listen = (message: unknown) => {
      const { fastify } = message as { fastify: { addHook(name: string, hook: unknown): void } } // its docs
      fastify.addHook('onRoute', (route: { method: string | string[]; url: string }) => {
        const pattern = route.url.replaceAll(/[.]/g, '\\.').replaceAll(/:\w+|\*/g, '.+')
        for (const method of [route.method].flat()) {
          routes.push({ method, pattern: new RegExp(`^${pattern}/?$`) })
        }
      })
    }
    subscribe('fastify.initialization', listen)
    await using _server = await startTestServer()
    unsubscribe('fastify.initialization', listen)

    const requests = typed
      .filter(({ line }) => /(^|\s)curl\s/.test(line))
      .flatMap(({ path, line }) => {
        const [, address = ''] =
          /https?:\/\/(?:127\.0\.0\.1|localhost):4680([^\s'"?]*)/.exec(line) ?? []
        const [, given] = /\s(?:-X|--request)\s*(\w+)/.exec(line) ?? []
        const method = given ?? (/\s(?:-d|--data[\w-]*|-T)[\s']/.test(line) ? 'POST' : 'GET')
        return address === '' ? [] : [{ path, method, address }]
      })
    expect(requests.length).toBeGreaterThan(10)
    const strays = requests.filter(
      ({ method, address }) =>
        !routes.some((route) => route.method === method && route.pattern.test(address)),
    )
    expect(strays).toEqual([])
  })
})

test('what is shown as JSON is JSON', () => {
  const faults = blocks
    .filter(({ language }) => language === 'json')
    .flatMap(({ path, text }) => {
      try {
        JSON.parse(text)
        return []
      } catch (error) {
        return [`${path}: ${String(error)}\n${text.slice(0, 200)}`]
      }
    })
  expect(blocks.filter(({ language }) => language === 'json').length).toBeGreaterThan(5)
  expect(faults).toEqual([])
})
