import { Command } from 'commander'
import facts from '../package.json' with { type: 'json' }
import { registerAudit } from './commands/audit.ts'
import { registerBackup } from './commands/backup.ts'
import { registerConfig } from './commands/config.ts'
import { registerCopy } from './commands/copy.ts'
import { registerExport } from './commands/export.ts'
import { registerImport } from './commands/import.ts'
import { registerKeys } from './commands/keys.ts'
import { registerLogin } from './commands/login.ts'
import { registerMigrate } from './commands/migrate.ts'
import { registerRedaction } from './commands/redaction.ts'
import { registerReindex } from './commands/reindex.ts'
import { registerRestore } from './commands/restore.ts'
import { registerSchemas } from './commands/schemas.ts'
import { registerSearch } from './commands/search.ts'
import { registerSend } from './commands/send.ts'
import { registerServe } from './commands/serve.ts'
import { registerShow } from './commands/show.ts'
import { registerTail } from './commands/tail.ts'
import { registerTenants } from './commands/tenants.ts'
import { registerUsers } from './commands/users.ts'
import { registerVerify } from './commands/verify.ts'
import type { Shell } from './core/shell.ts'

const notes = `
Settings come from variables and from flags of the same name: --data is INDELIBLE_DATA.
Exit codes: 0 fine · 1 a check found something wrong · 2 usage · 3 out of reach

In a clone of the repository "indelible" is written "npx indelible".

Start here:
  $ indelible serve
  $ export INDELIBLE_KEY=…            the key that the first start printed
  $ indelible send invoice.paid --actor u_1 --target invoice:42
  $ indelible search actor:u_1
`

/** The whole command line; each command registers itself. */
export function createProgram(shell: Shell): Command {
  const program = new Command('indelible')
    .description('The audit log that anyone can run in one command and prove to a sceptic.')
    .version(facts.version, '-V, --version')
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText('after', notes)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void shell.stdout.write(text),
      writeErr: (text) => void shell.stderr.write(text),
    })
  program.commandsGroup('Service:')
  registerServe(program, shell)
  registerConfig(program, shell)
  registerBackup(program, shell)
  registerRestore(program, shell)
  registerReindex(program, shell)
  registerCopy(program, shell)
  registerMigrate(program, shell)
  program.commandsGroup('Events:')
  registerSend(program, shell)
  registerImport(program, shell)
  registerSearch(program, shell)
  registerTail(program, shell)
  registerShow(program, shell)
  registerExport(program, shell)
  program.commandsGroup('Evidence:')
  registerVerify(program, shell)
  registerAudit(program, shell)
  program.commandsGroup('Administration:')
  registerKeys(program, shell)
  registerUsers(program, shell)
  registerTenants(program, shell)
  registerSchemas(program, shell)
  registerRedaction(program, shell)
  registerLogin(program, shell)
  return program
}
