import type { LogInfo } from '@indelible/protocol'
import {
  formatAudit,
  formatCheckpoint,
  formatReceipt,
  formatVerify,
} from '../../details/shell-commands.ts'
import { CopyField } from '../../ui/copy-field.tsx'

/** How to check all this with nothing that this service sent. */
export function CheckYourself({ log: { tenant, vkey } }: { readonly log: LogInfo }) {
  const { origin } = location
  const commands = [
    {
      label: 'Keep a checkpoint, every so often, elsewhere',
      text: formatCheckpoint(origin, tenant),
    },
    { label: 'Get a receipt', text: formatReceipt(origin, tenant) },
    { label: 'Check a receipt, offline', text: formatVerify(vkey) },
    { label: 'Audit everything that is kept, or a backup of it', text: formatAudit(vkey) },
  ]
  return (
    <section className="panel" aria-labelledby="check-yourself">
      <header className="panel-head">
        <h2 id="check-yourself">Check us yourself</h2>
      </header>
      <p className="panel-lead">
        This page came from the service that it checks. To depend on nothing of it, run these where
        you trust the machine, in a clone of the project, with a key that you noted on the first
        day. A checkpoint that is kept elsewhere makes a rewritten past visible. The audit reads a
        data folder: where it is not <code>./indelible-data</code>, name it with <code>--data</code>
        .
      </p>
      <div className="commands">
        {commands.map((command) => (
          <CopyField key={command.label} {...command} />
        ))}
      </div>
    </section>
  )
}
