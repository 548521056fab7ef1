import type { LogInfo, TokenKeyInfo } from '@indelible/protocol'
import type { Command } from 'commander'
import { exitCodes } from '../core/exit-codes.ts'
import { Failure } from '../core/failure.ts'
import { collect } from '../core/numbers.ts'
import { createOutput, type Output } from '../core/output.ts'
import { addRemoteFlags, connect, type RemoteOptions } from '../core/remote-flags.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'
import { printTable } from '../render/table.ts'

interface RotateFlags extends RemoteOptions {
  readonly tokens?: boolean
  readonly tenant?: readonly string[]
  readonly all?: boolean
  readonly revoke?: boolean
}

type RotatedLog = Pick<LogInfo, 'tenant' | 'origin' | 'vkey' | 'formerKeys'>

const examples = `
What we sign with, not what programs speak with: for that, see "indelible keys create" and "revoke".
A former key goes on signing beside the new one, so that nobody who pinned it has to do anything;
tokens of a former key are good until they expire. --revoke ends both at once.

Examples:
  $ indelible keys rotate --tenant acme
  $ indelible keys rotate --all --tokens
  $ indelible keys rotate --tokens --revoke      everybody has to log in again
  $ indelible keys list --signing
`

async function rotate(shell: Shell, flags: RotateFlags): Promise<void> {
  const { tokens = false, tenant = [], all = false, revoke = false } = flags
  if (!tokens && !all && tenant.length === 0) {
    throw new Failure(exitCodes.usage, 'Which? --tokens, --tenant <name>, or --all for every log.')
  }
  const output = createOutput(shell, flags)
  const client = connect(shell, flags)
  const named = all ? await listLive(client.json) : tenant
  // _system first: what follows is then recorded under its new key.
  for (const one of named.toSorted((a, b) => Number(b === '_system') - Number(a === '_system'))) {
    const path = `/v1/logs/${encodeURIComponent(one)}/key`
    await tellLog(output, await client.send<RotatedLog>('POST', path, { revoke }))
  }
  if (!tokens) return
  const made = await client.send<TokenKeyInfo>('POST', '/v1/token-key', { revoke })
  if (output.isJson) await output.json(made)
  else await output.line(`tokens  generation ${made.generation}`)
}

/** Every log that is still signed: one that ended bears the name of one, and a number. */
async function listLive(read: <T>(path: string) => Promise<T>): Promise<readonly string[]> {
  const { logs } = await read<{ logs: readonly LogInfo[] }>('/v1/logs')
  return logs.filter(({ ended }) => ended !== true).map(({ tenant }) => tenant)
}

async function tellLog(output: Output, log: RotatedLog): Promise<void> {
  if (output.isJson) await output.json(log)
  else await output.line(`${visible(log.tenant)}  ${visible(log.vkey)}`)
}

/** `keys list --signing` */
export async function listSigningKeys(shell: Shell, flags: RemoteOptions): Promise<void> {
  const output = createOutput(shell, flags)
  const { json } = connect(shell, flags)
  const { logs } = await json<{ logs: readonly LogInfo[] }>('/v1/logs')
  const tokens = await json<TokenKeyInfo>('/v1/token-key')
  const rows = logs.flatMap(({ tenant, vkey, formerKeys = [] }) => [
    { of: tenant, key: vkey, state: 'signs' },
    ...formerKeys.toReversed().map((key) => ({
      of: tenant,
      key: key.vkey,
      state: `followed ${key.ended}, ${key.signs ? 'signs beside it' : 'signs no more'}`,
    })),
  ])
  const ofTokens = [
    { of: 'tokens', key: `generation ${tokens.generation}`, state: 'signs' },
    ...tokens.former.map(({ generation, until }) => ({
      of: 'tokens',
      key: `generation ${generation}`,
      state: `accepted until ${until}`,
    })),
  ]
  await printTable(output, [...rows, ...ofTokens], ['OF', 'KEY', 'STATE'], (row) => [
    ...[row.of, row.key, row.state],
  ])
}

export function registerRotateKeys(keys: Command, shell: Shell): void {
  const rotating = keys
    .command('rotate')
    .description('Gives logs, or tokens, another key to be signed with.')
    .option('--tokens', 'of sessions, viewer and access tokens')
    .option('--tenant <name>', "of this tenant's log; repeatable", collect)
    .option('--all', 'of every log')
    .option('--revoke', 'former keys are worth nothing from now on')
    .addHelpText('after', examples)
  addRemoteFlags(rotating).action((flags: RotateFlags) => rotate(shell, flags))
}
