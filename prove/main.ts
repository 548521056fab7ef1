// npm run prove [-- --help]: injects the faults that an audit log must survive, and looks for what
// they cost.
import { writeFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { exitCodes } from '../packages/cli/src/core/exit-codes.ts'
import { wholeNumber } from '../packages/cli/src/core/numbers.ts'
import { formatReport, hasHeld } from './harness/report.ts'
import { prove } from './harness/run.ts'
import { type Tier, tiers } from './harness/stage.ts'
import { mutants, stages } from './stages.ts'

interface Options {
  readonly tier: Tier
  readonly seed?: number
  readonly jobs: number
  readonly only?: readonly string[]
  readonly mutants: boolean
  readonly list?: true
  readonly json?: string
}

const names = [...stages, ...mutants].map(({ name }) => name)

const program = new Command('npm run prove --')
  .description('Injects faults and attacks, and looks for what they cost.')
  .addOption(
    new Option('--tier <tier>', 'quick: minutes; full: hours').choices(tiers).default('quick'),
  )
  .option('--seed <number>', 'repeats a run; another one each time', wholeNumber(0, 2 ** 31 - 1))
  .option('--jobs <number>', 'stages at a time', wholeNumber(1, 16), 2)
  .option('--only <names>', 'these stages and mutants: kill,M3', parseNames)
  .option('--no-mutants', 'without planting the faults that the stages must find')
  .option('--json <file>', 'writes the report as JSON, too')
  .option('--list', 'says what there is, and ends')
  .addHelpText(
    'after',
    `
Exit codes: 0 everything held, and every planted fault was found · 1 not so · 2 usage

The same seed makes the same choices; processes and disks still have a timing of their own.`,
  )
  .allowExcessArguments(false)
  .exitOverride()
  .action((options: Options) => (options.list === true ? list() : run(options)))

function parseNames(text: string): readonly string[] {
  const chosen = text.split(',')
  const unknown = chosen.filter((name) => !names.includes(name))
  if (unknown.length === 0) return chosen
  throw new InvalidArgumentError(`No such: ${unknown.join(', ')}. There are ${names.join(', ')}.`)
}

function list(): void {
  for (const { name, proves } of stages) console.log(`${name}: ${proves}`)
  for (const { name, does, foundBy } of mutants) console.log(`${name}: ${does} (${foundBy})`)
}

async function run(options: Options): Promise<void> {
  const { tier, jobs, only, json } = options
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31)
  const isChosen = ({ name }: { readonly name: string }) => only?.includes(name) ?? true
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new Error('Interrupted.')))
  }
  const report = await prove({
    ...{ tier, seed, jobs, signal: interrupted.signal },
    stages: stages.filter(isChosen),
    mutants: options.mutants ? mutants.filter(isChosen) : [],
    isWhole: only === undefined && options.mutants,
    tell: (line) => process.stderr.write(`${line}\n`),
  })
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`)
  console.log(formatReport(report))
  if (!hasHeld(report)) process.exitCode = exitCodes.wrong
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    process.exitCode = exitCodes.wrong
  } else if (error.exitCode !== 0) process.exitCode = exitCodes.usage
}
