import type { LogInfo, TenantInfo } from '@indelible/protocol'
import type { Command } from 'commander'
import { createOutput } from '../core/output.ts'
import { addRemoteFlags, connect, type RemoteOptions } from '../core/remote-flags.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'
import { printTable } from '../render/table.ts'

const examples = `
A tenant's verifier key is what receipts are checked with: keep a copy outside of the service.

Examples:
  $ indelible tenants create acme --name "ACME Ltd"
  $ indelible tenants list
  $ indelible tenants show acme
`

async function list(shell: Shell, flags: RemoteOptions): Promise<void> {
  const output = createOutput(shell, flags)
  const { tenants } = await connect(shell, flags).json<{ tenants: readonly TenantInfo[] }>(
    '/v1/tenants',
  )
  await printTable(output, tenants, ['TENANT', 'NAME'], ({ tenant, name }) => [tenant, name ?? '-'])
}

async function create(
  shell: Shell,
  tenant: string,
  flags: RemoteOptions & { name?: string },
): Promise<void> {
  const output = createOutput(shell, flags)
  const request = { tenant, name: flags.name }
  const made = await connect(shell, flags).send<TenantInfo>('POST', '/v1/tenants', request)
  if (output.isJson) await output.json(made)
  else output.note(`Tenant ${visible(made.tenant)} is made.`)
}

async function show(shell: Shell, tenant: string, flags: RemoteOptions): Promise<void> {
  const output = createOutput(shell, flags)
  const log = await connect(shell, flags).json<LogInfo>(`/v1/logs/${encodeURIComponent(tenant)}`)
  if (output.isJson) return output.json(log)
  const { checkpoint } = log
  const signed = checkpoint === null ? 'none yet' : `size ${checkpoint.size}, ${checkpoint.time}`
  for (const [member, value] of Object.entries({ ...log, checkpoint: signed })) {
    await output.line(`${member.padEnd(10)}  ${visible(String(value))}`)
  }
}

export function registerTenants(program: Command, shell: Shell): void {
  const tenants = program
    .command('tenants')
    .summary('make and list tenants, show their logs')
    .description('Tenants: each has a log, and a signing key, of its own.')
    .addHelpText('after', examples)
  const creating = tenants
    .command('create')
    .description('Makes a tenant ahead of its first event.')
    .argument('<tenant>', 'its name in events')
    .option('--name <name>', 'its name for people')
  addRemoteFlags(creating).action((tenant: string, flags: RemoteOptions & { name?: string }) =>
    create(shell, tenant, flags),
  )
  addRemoteFlags(tenants.command('list').description('Lists tenants.')).action(
    (flags: RemoteOptions) => list(shell, flags),
  )
  addRemoteFlags(
    tenants
      .command('show')
      .description("Shows a log's origin, verifier key, size and root.")
      .argument('<tenant>', 'whose log'),
  ).action((tenant: string, flags: RemoteOptions) => show(shell, tenant, flags))
}
