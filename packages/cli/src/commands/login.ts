import type { Command } from 'commander'
import { createClient } from '../core/client.ts'
import { createOutput } from '../core/output.ts'
import { addJson, defaultUrl } from '../core/remote-flags.ts'
import { readPassword } from '../core/secret-input.ts'
import type { Shell } from '../core/shell.ts'

const examples = `
The token works as a key until it expires; it is printed and kept nowhere.

Examples:
  $ export INDELIBLE_KEY=$(indelible login zoe)
`

interface Flags {
  readonly url?: string
  readonly json?: boolean
}

export function registerLogin(program: Command, shell: Shell): void {
  const command = program
    .command('login')
    .summary('get a token with a password')
    .description('Logs in and prints a token, to be used as INDELIBLE_KEY.')
    .argument('<user>', 'user name')
    .option('--url <address>', 'the service [INDELIBLE_URL]')
    .addHelpText('after', examples)
  addJson(command).action(async (username: string, flags: Flags) => {
    const url = flags.url || shell.environment.INDELIBLE_URL || defaultUrl
    const client = createClient(shell, { url })
    const output = createOutput(shell, flags)
    const password = await readPassword(shell, { isNew: false })
    const session = await client.send<{ token: string; expires: string }>('POST', '/v1/login', {
      username,
      password,
    })
    if (output.isJson) await output.json(session)
    else await output.line(session.token)
  })
}
