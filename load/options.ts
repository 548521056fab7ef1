import { limits } from '@indelible/protocol'
import { Command, InvalidArgumentError, Option } from 'commander'
import { wholeNumber } from '../packages/cli/src/core/numbers.ts'
import { type Shape, shapes } from './events.ts'
import type { Arrival } from './schedule.ts'

/** Events a second; or a share of the most there is, measured first. */
export type Rate = { readonly perSecond: number } | { readonly share: number }

export interface LoadOptions {
  readonly rate: Rate
  /** Milliseconds; so are all times. */
  readonly duration: number
  readonly probe: number
  readonly arrival: Arrival
  readonly batch: number
  readonly connections: number
  readonly shape: Shape
  readonly events?: string
  readonly tenant: string
  readonly tenants: number
  readonly url?: string
  readonly key?: string
  readonly store: 'embedded' | 'postgres'
  readonly data?: string
  readonly timeout: number
  readonly giveUp: number
  readonly late: number
  readonly json?: boolean
}

const explanation = `
Without --url it starts a service of its own, in a temporary folder, and removes it at the end.

Requests come due by a schedule that is fixed in advance, and wait where the service is slow:
a latency counts from when its request was due. What fails for a while (429, 5xx, a broken
connection) is sent again with the same ids. At the end every acknowledged event is looked
for: there once, at the index and with the hash that was answered; and the log is audited.

Exit codes: 0 fine · 1 a check found something wrong · 2 usage · 3 out of reach

Examples:
  $ npm run load
  $ npm run load -- --rate 2000/s --duration 5m --batch 10 --store postgres
  $ npm run load -- --rate 50% --duration 1h --data /var/tmp/soak     half of what it can, for an hour
  $ npm run load -- --url https://audit.example.com --rate 200 --tenant load-test
  $ npm run load -- --shape cloudtrail --events cloudtrail.ndjson.gz --json > report.json
`

/** @param read does the work; commander says what is wrong with the flags */
export function createProgram(run: (options: LoadOptions) => Promise<void>): Command {
  return new Command('npm run load --')
    .description('Sends events at a chosen rate, and proves that what was acknowledged is there.')
    .addOption(
      new Option(
        '--rate <rate>',
        'events: 500, 500/s, 30000/min, or 50% of the most, which is measured first',
      )
        .argParser(parseRate)
        .default({ perSecond: 500 }, '500/s'),
    )
    .addOption(time('--duration <time>', 'how long: 60s, 5m, 1h', '60s'))
    .addOption(time('--probe <time>', 'how long the most is measured, for a rate in %', '30s'))
    .addOption(
      new Option('--arrival <how>', 'poisson: as from many callers; constant: evenly')
        .choices(['poisson', 'constant'])
        .default('poisson'),
    )
    .option('--batch <number>', 'events of a request', wholeNumber(1, limits.batchEventsMax), 1)
    .option('--connections <number>', 'requests under way at a time', wholeNumber(1, 10_000), 64)
    .addOption(
      new Option('--shape <shape>', 'what events look like').choices(shapes).default('native'),
    )
    .option('--events <file>', 'events of that shape to send over and over: NDJSON, gzipped or not')
    .option('--tenant <name>', 'whose log they go to', 'load')
    .option(
      '--tenants <number>',
      'so many logs in turn: <name>-1, <name>-2 …',
      wholeNumber(1, 100_000),
      1,
    )
    .addOption(
      new Option('--url <url>', 'a service that runs already').conflicts(['store', 'data']),
    )
    .addOption(
      new Option('--key <key>', 'its key, with append and export (and admin, to audit)').env(
        'INDELIBLE_KEY',
      ),
    )
    .addOption(
      new Option('--store <store>', 'of its own service; postgres is started, too')
        .choices(['embedded', 'postgres'])
        .default('embedded'),
    )
    .option('--data <folder>', 'of its own service: on the disk that is meant, empty, and kept')
    .addOption(time('--timeout <time>', 'of an attempt', '30s'))
    .addOption(time('--late <time>', 'how late the last requests may be sent', '1s'))
    .addOption(time('--give-up <time>', 'how long a request is tried', '60s'))
    .option('--json', 'the report as JSON')
    .addHelpText('after', explanation)
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for what there is)')
    .allowExcessArguments(false)
    .exitOverride()
    .action((_, command: Command) => run(command.opts<LoadOptions>()))
}

const time = (flags: string, description: string, usual: string): Option =>
  new Option(flags, description).argParser(parseDuration).default(parseDuration(usual), usual)

/** `500`, `500/s`, `30000/min`, `50%` */
export function parseRate(text: string): Rate {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)(\/s|\/min|%)?$/.exec(text) ?? []
  const value = Number(digits)
  if (unit === '%' && value > 0 && value <= 100) return { share: value / 100 }
  if (digits === '' || value <= 0 || unit === '%') {
    throw new InvalidArgumentError('Must be like 500, 500/s, 30000/min, or 50% (up to 100%).')
  }
  return { perSecond: unit === '/min' ? value / 60 : value }
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** `60s` → 60000 */
export function parseDuration(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Number(digits) * (unitMs[unit] ?? 0)
  if (!(ms > 0)) throw new InvalidArgumentError('Must be like 500ms, 60s, 5m or 1h.')
  return ms
}
