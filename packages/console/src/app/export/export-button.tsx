import { lazy, Suspense, useState } from 'react'
import type { Filters } from '../api/calls.ts'
import { Icon } from '../ui/icon.tsx'

/** Not before somebody wants it. */
const ExportDialog = lazy(() => import('./export-dialog.tsx'))

/** What the list shows, into a file. */
export function ExportButton({ filters }: { readonly filters: Filters }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className="button"
        aria-label="Export"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Icon name="download" />
        <span className="tool-text">Export</span>
      </button>
      {open ? (
        <Suspense>
          <ExportDialog filters={filters} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  )
}
