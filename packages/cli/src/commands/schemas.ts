import { readFile } from 'node:fs/promises'
import type { SchemaInfo } from '@indelible/protocol'
import type { Command } from 'commander'
import { describeFileError } from '../core/file-failure.ts'
import { createOutput } from '../core/output.ts'
import { addRemoteFlags, connect, type RemoteOptions } from '../core/remote-flags.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'
import { printTable } from '../render/table.ts'

interface Flags extends RemoteOptions {
  readonly tenant: string
}

const examples = `
Events of the action must then match, in every way they come in; what was kept stays.

Examples:
  $ indelible schemas set plan.changed plan-changed.schema.json
  $ indelible schemas list --tenant acme
  $ indelible schemas show plan.changed
  $ indelible schemas remove plan.changed
`

const pathOf = (tenant: string, action?: string): string => {
  const path = `/v1/tenants/${encodeURIComponent(tenant)}/schemas`
  return action === undefined ? path : `${path}/${encodeURIComponent(action)}`
}

async function list(shell: Shell, flags: Flags): Promise<void> {
  const output = createOutput(shell, flags)
  const { schemas } = await connect(shell, flags).json<{ schemas: readonly SchemaInfo[] }>(
    pathOf(flags.tenant),
  )
  await printTable(output, schemas, ['ACTION', 'UPDATED', 'BY'], ({ action, updated, by }) => [
    ...[action, updated, by],
  ])
}

async function set(shell: Shell, action: string, file: string, flags: Flags): Promise<void> {
  const output = createOutput(shell, flags)
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw describeFileError('read', file, error)
  })
  // Sent as it stands: the service says what is wrong with it, and where.
  const made = await connect(shell, flags).json<SchemaInfo>(pathOf(flags.tenant, action), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: text,
  })
  if (output.isJson) await output.json(made)
  else output.note(`Events of ${visible(made.action)} are held to this schema from now on.`)
}

async function show(shell: Shell, action: string, flags: Flags): Promise<void> {
  const output = createOutput(shell, flags)
  const found = await connect(shell, flags).json<SchemaInfo>(pathOf(flags.tenant, action))
  if (output.isJson) await output.json(found)
  else await output.indented(found.schema)
}

async function remove(shell: Shell, action: string, flags: Flags): Promise<void> {
  const output = createOutput(shell, flags)
  await connect(shell, flags).json(pathOf(flags.tenant, action), { method: 'DELETE' })
  if (output.isJson) await output.json({ action, removed: true })
  else output.note(`The schema of ${visible(action)} is removed.`)
}

export function registerSchemas(program: Command, shell: Shell): void {
  const schemas = program
    .command('schemas')
    .summary('what events of an action have to be like')
    .description('JSON Schemas (2020-12) that a tenant holds the events of an action to.')
    .addHelpText('after', examples)
  const add = (command: Command): Command =>
    addRemoteFlags(command.option('--tenant <name>', 'whose', 'default'))
  add(schemas.command('list').description('Lists them.')).action((flags: Flags) =>
    list(shell, flags),
  )
  add(
    schemas
      .command('set')
      .description('Sets the schema of an action, or replaces it.')
      .argument('<action>', 'exactly')
      .argument('<file>', 'the JSON Schema, for the whole event'),
  ).action((action: string, file: string, flags: Flags) => set(shell, action, file, flags))
  add(
    schemas
      .command('show')
      .description('Prints the schema of an action.')
      .argument('<action>', 'exactly'),
  ).action((action: string, flags: Flags) => show(shell, action, flags))
  add(
    schemas
      .command('remove')
      .description('Holds events of an action to nothing of their own again.')
      .argument('<action>', 'exactly'),
  ).action((action: string, flags: Flags) => remove(shell, action, flags))
}
