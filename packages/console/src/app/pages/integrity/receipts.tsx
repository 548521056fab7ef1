import { useMutation } from '@tanstack/react-query'
import { type DragEvent, useId, useState } from 'react'
import { TextField } from '../../forms/fields.tsx'
import { Form } from '../../forms/form.tsx'
import { useReceiptDownload } from '../../proof/proof-panel.tsx'
import { pins } from '../../proof/sources.ts'
import { assertMeans } from '../../proof/use-proof.ts'
import { verifyReceiptFile } from '../../proof/verify-receipt-file.ts'
import { Icon } from '../../ui/icon.tsx'
import { Verdict } from '../../ui/verdict.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { FileVerdict } from './file-verdict.tsx'

/** The largest event makes a receipt of a megabyte. */
const fileBytesMax = 4 * 1024 * 1024

/** Evidence of single entries: to take away, and to check what somebody brings. */
export function Receipts(props: { readonly tenant: string; readonly tenants: readonly string[] }) {
  return (
    <section className="panel" aria-labelledby="receipts">
      <header className="panel-head">
        <h2 id="receipts">Receipts</h2>
      </header>
      <p className="panel-lead">
        A receipt proves one entry to anybody who has the log’s key: without this service, and for
        as long as the file is kept.
      </p>
      <div className="panel-pair">
        <Download tenant={props.tenant} />
        <Check tenants={props.tenants} />
      </div>
    </section>
  )
}

function Download({ tenant }: { readonly tenant: string }) {
  const receipt = useReceiptDownload()
  return (
    <div className="panel-part">
      <h3>Download</h3>
      <Form
        act={receipt}
        submit="Download receipt"
        places={{ 'entry-unknown': '/id' }}
        onSubmit={(values) => receipt.mutate({ tenant, id: String(values.get('id')).trim() })}
      >
        <TextField
          name="id"
          label="Event id"
          required
          spellCheck={false}
          hint={<>Of the log {visibleText(tenant)}.</>}
        />
      </Form>
    </div>
  )
}

/** @throws Error with what is wrong with the file, before anything of it is checked */
async function check(file: File, tenants: readonly string[]) {
  await assertMeans()
  if (file.size > fileBytesMax) throw new Error('The file is too large to be one receipt.')
  const known = tenants.flatMap((tenant) => pins.read(tenant) ?? [])
  const found = await verifyReceiptFile(await file.text(), (origin) =>
    known.find((pin) => pin.origin === origin),
  )
  return { name: file.name, ...found }
}

function Check({ tenants }: { readonly tenants: readonly string[] }) {
  const id = useId()
  const [isOver, setIsOver] = useState(false)
  const checking = useMutation({
    mutationFn: (file: File) => check(file, tenants),
    // It needs no network.
    networkMode: 'always',
  })
  const take = (files: FileList | null | undefined) => {
    const [file] = files ?? []
    if (file !== undefined) checking.mutate(file)
  }
  const drop = {
    onDragOver: (event: DragEvent) => {
      event.preventDefault()
      setIsOver(true)
    },
    onDragLeave: () => setIsOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault()
      setIsOver(false)
      take(event.dataTransfer.files)
    },
  }
  return (
    <div className="panel-part">
      <h3>Check</h3>
      <div className={isOver ? 'drop-zone over' : 'drop-zone'} {...drop}>
        <Icon name="shield" />
        <label htmlFor={id}>Receipt file</label>
        <p>
          Choose a receipt, or drop it here. This browser checks it by itself, and sends it nowhere.
        </p>
        <input
          id={id}
          type="file"
          accept=".json,application/json"
          onChange={(event) => {
            take(event.currentTarget.files)
            // Or the same file, changed meanwhile, could not be chosen again.
            event.currentTarget.value = ''
          }}
        />
      </div>
      {checking.isPending ? <p role="status">Checking…</p> : null}
      {checking.isError ? (
        <Verdict kind="unsure" title="Not checked">
          <p>{checking.error.message}</p>
        </Verdict>
      ) : null}
      {checking.data === undefined ? null : <FileVerdict {...checking.data} />}
    </div>
  )
}
