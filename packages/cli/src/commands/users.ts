import type { UserInfo } from '@indelible/protocol'
import { type Command, Option } from 'commander'
import { collect } from '../core/numbers.ts'
import { createOutput } from '../core/output.ts'
import { addRemoteFlags, connect, type RemoteOptions } from '../core/remote-flags.ts'
import { readPassword } from '../core/secret-input.ts'
import type { Shell } from '../core/shell.ts'
import { visible } from '../core/visible-text.ts'
import { printTable } from '../render/table.ts'

interface GrantFlags extends RemoteOptions {
  readonly role?: string
  readonly tenant?: readonly string[]
}

const examples = `
A password is asked for, or read as a line from stdin.

Examples:
  $ indelible users create zoe --role auditor --tenant acme
  $ indelible users password zoe < new-password.txt
  $ indelible users change zoe --role admin
  $ indelible users disable zoe
`

const userPath = (username: string): string => `/v1/users/${encodeURIComponent(username)}`

async function tell(
  shell: Shell,
  flags: RemoteOptions,
  user: UserInfo | { username: string; removed: true },
  words: string,
): Promise<void> {
  const output = createOutput(shell, flags)
  if (output.isJson) await output.json(user)
  else output.note(`User ${visible(user.username)} ${words}.`)
}

async function list(shell: Shell, flags: RemoteOptions): Promise<void> {
  const output = createOutput(shell, flags)
  const { users } = await connect(shell, flags).json<{ users: readonly UserInfo[] }>('/v1/users')
  const header = ['USER', 'ROLE', 'TENANTS', 'STATE', 'CREATED']
  await printTable(output, users, header, ({ username, role, tenants, disabled, created }) => [
    ...[username, role, tenants.join(' '), disabled ? 'disabled' : 'active', created],
  ])
}

async function create(shell: Shell, username: string, flags: GrantFlags): Promise<void> {
  const client = connect(shell, flags)
  const password = await readPassword(shell, { isNew: true })
  const request = { username, role: flags.role, tenants: flags.tenant, password }
  const user = await client.send<UserInfo>('POST', '/v1/users', request)
  await tell(shell, flags, user, 'is made')
}

/** Members that are undefined are left out by JSON, and so stay as they are. */
async function change(
  shell: Shell,
  username: string,
  flags: RemoteOptions,
  wanted: { role?: unknown; tenants?: unknown; password?: string; disabled?: boolean },
): Promise<void> {
  const user = await connect(shell, flags).send<UserInfo>('PATCH', userPath(username), wanted)
  await tell(shell, flags, user, 'is changed')
}

async function remove(shell: Shell, username: string, flags: RemoteOptions): Promise<void> {
  await connect(shell, flags).json(userPath(username), { method: 'DELETE' })
  await tell(shell, flags, { username, removed: true }, 'is removed')
}

const addRole = (command: Command, isRequired: boolean): Command => {
  const role = new Option('--role <role>', 'what the user may do').choices([
    'admin',
    'auditor',
    'writer',
  ])
  const tenant = new Option('--tenant <name>', "in which tenants, '*' for all; repeatable")
  return command
    .addOption(role.makeOptionMandatory(isRequired))
    .addOption(tenant.argParser(collect).makeOptionMandatory(isRequired))
}

export function registerUsers(program: Command, shell: Shell): void {
  const users = program
    .command('users')
    .summary('make, list, change and remove users')
    .description('Users: the people who log in to the console.')
    .addHelpText('after', examples)
  const named = (name: string, words: string): Command =>
    addRemoteFlags(users.command(name).description(words).argument('<user>', 'user name'))

  addRemoteFlags(users.command('list').description('Lists users.')).action((flags: RemoteOptions) =>
    list(shell, flags),
  )
  addRole(named('create', 'Makes a user.'), true).action((username: string, flags: GrantFlags) =>
    create(shell, username, flags),
  )
  addRole(named('change', 'Changes role or tenants.'), false).action(
    (username: string, flags: GrantFlags) =>
      change(shell, username, flags, { role: flags.role, tenants: flags.tenant }),
  )
  named('password', "Sets a password and ends the user's sessions.").action(
    async (username: string, flags: RemoteOptions) =>
      change(shell, username, flags, { password: await readPassword(shell, { isNew: true }) }),
  )
  named('disable', 'Ends all access of a user, and keeps the name.').action(
    (username: string, flags: RemoteOptions) => change(shell, username, flags, { disabled: true }),
  )
  named('enable', 'Lets a disabled user in again.').action(
    (username: string, flags: RemoteOptions) => change(shell, username, flags, { disabled: false }),
  )
  named('remove', 'Removes a user.').action((username: string, flags: RemoteOptions) =>
    remove(shell, username, flags),
  )
}
