// npm run prove [-- --help]: injects the faults that an audit log must survive, and looks for what
// they cost.
import { writeFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { exitCodes } from '../packages/cli/src/core/exit-codes.ts'
import { wholeNumber } from '../packages/cli/src/core/numbers.ts'
import { formatReport, hasHeld } from './harness/report.ts'
import { prove } from './harness/run.ts'
import { type Stage, type Tier, tiers } from './harness/stage.ts'
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
  console.log('Stages:')
  for (const { name, proves } of stages) console.log(`  ${name}: ${proves}`)
  console.log('Mutants, each with the stage that must find it:')
  for (const { name, does, foundBy } of mutants) console.log(`  ${name} (${foundBy}): ${does}`)
}

async function run(options: Options): Promise<void> {
  const { tier, jobs, only, json } = options
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31)
  const isChosen = ({ name }: { readonly name: string }) => only?.includes(name) ?? true
  const chosen = {
    stages: stages.filter(isChosen),
    mutants: options.mutants ? mutants.filter(isChosen) : [],
  }
  const tell = (line: string): void => void process.stderr.write(`${line}\n`)
  tell(
    `--tier ${tier} --seed ${seed}: ${chosen.stages.length} stages, ${chosen.mutants.length} mutants`,
  )
  const needed = new Set([
    ...chosen.stages.map(({ name }) => name),
    ...chosen.mutants.map(({ foundBy }) => foundBy),
  ])
  const lacking = await findLacking(stages.filter(({ name }) => needed.has(name)))
  for (const [name, what] of lacking) tell(`${name} can't run here. ${what}`)
  const report = await prove({
    ...{ tier, seed, jobs, ...chosen, lacking, tell },
    isWhole: only === undefined && options.mutants,
    signal: listenForInterrupts(tell),
  })
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`)
  console.log(formatReport(report))
  if (!hasHeld(report)) process.exitCode = exitCodes.wrong
}

/** What this machine lacks for which of these stages. */
async function findLacking(stages: readonly Stage[]): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    stages.map(async ({ name, lacks }) => [name, await lacks?.()] as const),
  )
  return new Map(
    found.flatMap(([name, what]) => (what === undefined ? [] : [[name, what] as const])),
  )
}

/** Ctrl-C comes twice: from the terminal, and from the process above, which passes it on. */
function listenForInterrupts(tell: (line: string) => void): AbortSignal {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!interrupted.signal.aborted) tell('Interrupted: ending what was started.')
      interrupted.abort(new Error('Interrupted.'))
    })
  }
  return interrupted.signal
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    process.exitCode = exitCodes.wrong
  } else if (error.exitCode !== 0) process.exitCode = exitCodes.usage
}
