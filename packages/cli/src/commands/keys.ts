import { type KeyInfo, scopes } from '@indelible/protocol'
import { type Command, InvalidArgumentError } from 'commander'
import { collect, wholeNumber } from '../core/numbers.ts'
import { createOutput } from '../core/output.ts'
import { addRemoteFlags, connect, type RemoteOptions } from '../core/remote-flags.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'
import { printTable } from '../render/table.ts'
import { listSigningKeys, registerRotateKeys } from './rotate-keys.ts'

interface CreateFlags extends RemoteOptions {
  readonly scope: readonly string[]
  readonly tenant: readonly string[]
  readonly expires?: string
  readonly rate?: number
}

const examples = `
Examples:
  $ indelible keys create billing --scope append --tenant acme
  $ indelible keys create auditor --scope read --scope export --tenant '*' --expires 2027-01-01T00:00:00Z
  $ indelible keys list
  $ indelible keys revoke 7f3k2q
`

const collectScope = (value: string, previous: readonly string[] = []): string[] => {
  // Widened, because what was typed may be no scope at all.
  const known: readonly string[] = scopes
  if (!known.includes(value)) throw new InvalidArgumentError(`Scopes are ${scopes.join(', ')}.`)
  return collect(value, previous)
}

async function create(shell: Shell, name: string, flags: CreateFlags): Promise<void> {
  const { scope, tenant, expires, rate } = flags
  const output = createOutput(shell, flags)
  const request = { name, scopes: scope, tenants: tenant, expires, rate }
  const made = await connect(shell, flags).send<KeyInfo & { key: string }>(
    'POST',
    '/v1/keys',
    request,
  )
  if (output.isJson) return output.json(made)
  await output.line(visible(made.key))
  output.note(`Key ${visible(made.id)}. It is shown this once; keep it safe.`)
}

async function list(shell: Shell, flags: RemoteOptions): Promise<void> {
  const output = createOutput(shell, flags)
  const { keys } = await connect(shell, flags).json<{ keys: readonly KeyInfo[] }>('/v1/keys')
  const header = ['ID', 'NAME', 'SCOPES', 'TENANTS', 'CREATED', 'EXPIRES', 'LAST USED']
  await printTable(output, keys, header, (key) => [
    ...[key.id, key.name, key.scopes.join(' '), key.tenants.join(' ')],
    ...[key.created, key.expires ?? 'never', key.lastUsed ?? 'never'],
  ])
}

async function revoke(shell: Shell, id: string, flags: RemoteOptions): Promise<void> {
  const output = createOutput(shell, flags)
  await connect(shell, flags).json(`/v1/keys/${encodeURIComponent(id)}`, { method: 'DELETE' })
  if (output.isJson) await output.json({ id, revoked: true })
  else output.note(`Key ${visible(id)} is revoked.`)
}

export function registerKeys(program: Command, shell: Shell): void {
  const keys = program
    .command('keys')
    .summary('make, list and revoke API keys; rotate signing keys')
    .description(
      'API keys: what programs speak to the service with. Signing keys: what the service signs with.',
    )
    .addHelpText('after', examples)
  const creating = keys
    .command('create')
    .description('Makes a key and prints it, this once.')
    .argument('<name>', 'what it is for')
    .requiredOption('--scope <scope>', `${scopes.join(', ')}; repeatable`, collectScope)
    .requiredOption('--tenant <name>', "for which tenants, '*' for all; repeatable", collect)
    .option('--expires <time>', 'RFC 3339 (default: never)')
    .option('--rate <n>', 'requests a second at most', wholeNumber(1))
  addRemoteFlags(creating).action((name: string, flags: CreateFlags) => create(shell, name, flags))
  const listing = keys
    .command('list')
    .description('Lists keys, never their secrets.')
    .option('--signing', 'the public keys that logs are signed with, and tokens’')
  addRemoteFlags(listing).action((flags: RemoteOptions & { signing?: boolean }) =>
    flags.signing === true ? listSigningKeys(shell, flags) : list(shell, flags),
  )
  registerRotateKeys(keys, shell)
  addRemoteFlags(
    keys.command('revoke').description('Ends a key at once.').argument('<id>', "the key's id"),
  ).action((id: string, flags: RemoteOptions) => revoke(shell, id, flags))
}
