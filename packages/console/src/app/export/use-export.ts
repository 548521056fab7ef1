import { useCallback, useEffect, useRef, useState } from 'react'
import { exportPath, type Filters } from '../api/calls.ts'
import { formatEntries } from '../ui/figures.ts'
import type { ExportFormat } from './count-lines.ts'
import { ExportTooLarge, openTarget } from './export-target.ts'
import { ExportBroken, type ExportProgress, runExport } from './run-export.ts'

export type ExportState =
  | { readonly step: 'choosing'; readonly wasCancelled: boolean }
  | { readonly step: 'running'; readonly progress: ExportProgress }
  | { readonly step: 'done'; readonly progress: ExportProgress; readonly name: string }
  | { readonly step: 'failed'; readonly why: string }
  | { readonly step: 'too-large'; readonly path: string }

const nothing: ExportProgress = { entries: 0, bytes: 0 }

/** File names that say of which log and when, without what a file system could refuse. */
function nameFile({ tenant = '*' }: Filters, format: ExportFormat): string {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '')
  const log = tenant === '*' ? 'all' : tenant
  const kind = format === 'receipts' ? 'receipts-' : ''
  return `indelible-${kind}${log}-${stamp}.${format === 'csv' ? 'csv' : 'ndjson'}`
}

function sayWhy(error: unknown, { entries }: ExportProgress): string {
  if (error instanceof ExportBroken) {
    return `The connection broke after ${formatEntries(entries)}. Nothing was kept, since it would have looked like the whole.`
  }
  return error instanceof Error ? error.message : String(error)
}

/** One export from its choice to its end. Leaving the page while one runs asks first. */
export function useExport(filters: Filters) {
  const [state, setState] = useState<ExportState>({ step: 'choosing', wasCancelled: false })
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])
  const isRunning = state.step === 'running'
  useEffect(() => {
    if (!isRunning) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isRunning])
  const start = useCallback(
    async (format: ExportFormat) => {
      const path = exportPath(filters, format)
      const controller = new AbortController()
      let progress = nothing
      try {
        const target = await openTarget(nameFile(filters, format))
        if (target === undefined) return
        running.current = controller
        setState({ step: 'running', progress })
        const { signal } = controller
        const onProgress = (found: ExportProgress) => {
          progress = found
          setState({ step: 'running', progress })
        }
        progress = await runExport({ path, format, target, signal, onProgress })
        setState({ step: 'done', progress, name: target.name })
      } catch (error) {
        if (controller.signal.aborted) setState({ step: 'choosing', wasCancelled: true })
        else if (error instanceof ExportTooLarge) setState({ step: 'too-large', path })
        else setState({ step: 'failed', why: sayWhy(error, progress) })
      }
    },
    [filters],
  )
  const cancel = useCallback(() => running.current?.abort(), [])
  const again = useCallback(() => setState({ step: 'choosing', wasCancelled: false }), [])
  return { state, start, cancel, again }
}
