import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { countEvents, type Filters } from '../api/calls.ts'
import { pageCredential } from '../api/credential.ts'
import { resolveInstant } from '../time/range.ts'
import { Dialog } from '../ui/dialog.tsx'
import { formatBytes, formatEntries, formatNumber } from '../ui/figures.ts'
import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import type { ExportFormat } from './count-lines.ts'
import { heldBytesMax } from './export-target.ts'
import type { ExportProgress } from './run-export.ts'
import { useExport } from './use-export.ts'
import '../forms/form.css'
import './export-dialog.css'

const formats: readonly {
  readonly format: ExportFormat
  readonly title: string
  readonly about: string
}[] = [
  { format: 'ndjson', title: 'NDJSON', about: 'Each entry as it is, one a line. For programs.' },
  { format: 'csv', title: 'CSV', about: 'A table for spreadsheets, safe to open in one.' },
  {
    format: 'receipts',
    title: 'Receipts',
    about: 'Each entry with its proof: anybody can check them without this service.',
  },
]

/** `now-1h` of this moment, so that what is counted is what is exported. */
function fixInstants({ since, until, ...rest }: Filters): Filters {
  const now = Date.now()
  const fix = (text: string | undefined) => {
    const at = text?.startsWith('now') ? resolveInstant(text, now) : undefined
    return at === undefined ? text : new Date(at).toISOString()
  }
  return { ...rest, since: fix(since), until: fix(until) }
}

interface Expected {
  readonly count: number
  /** Otherwise there may be more. */
  readonly isExact: boolean
}

function useExpected(filters: Filters): Expected | undefined {
  const counted = useQuery({
    queryKey: ['export', 'count', filters],
    queryFn: ({ signal }) => countEvents({ ...filters, interval: 'month' }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (counted.data === undefined) return undefined
  const { buckets, complete } = counted.data
  return { count: buckets.reduce((sum, { count }) => sum + count, 0), isExact: complete }
}

/** What the list shows, into a file: chosen, followed to its end, and said how it ended. */
export default function ExportDialog(props: {
  readonly filters: Filters
  readonly onClose: () => void
}) {
  const { onClose } = props
  // biome-ignore lint/correctness/useExhaustiveDependencies: of the moment when it was opened
  const filters = useMemo(() => fixInstants(props.filters), [])
  const expected = useExpected(filters)
  const { state, start, cancel, again } = useExport(filters)
  const isRunning = state.step === 'running'
  return (
    <Dialog
      title="Export"
      description={isRunning ? undefined : <Scope filters={props.filters} expected={expected} />}
      onClose={isRunning ? undefined : onClose}
    >
      {state.step === 'choosing' ? (
        <Choice
          spansAll={filters.tenant === '*'}
          wasCancelled={state.wasCancelled}
          onStart={start}
          onClose={onClose}
        />
      ) : null}
      {state.step === 'running' ? (
        <Running progress={state.progress} expected={expected} onCancel={cancel} />
      ) : null}
      {state.step === 'done' ? (
        <Done progress={state.progress} name={state.name} expected={expected} onClose={onClose} />
      ) : null}
      {state.step === 'failed' ? (
        <Failed why={state.why} onAgain={again} onClose={onClose} />
      ) : null}
      {state.step === 'too-large' ? <TooLarge path={state.path} onClose={onClose} /> : null}
    </Dialog>
  )
}

function Scope(props: { readonly filters: Filters; readonly expected: Expected | undefined }) {
  const { filters, expected } = props
  const { tenant, q, since, until } = filters
  return (
    <dl className="export-scope">
      <dt>Log</dt>
      <dd>{tenant === '*' ? 'All logs' : tenant}</dd>
      <dt>Search</dt>
      <dd className={q === undefined ? undefined : 'mono'}>
        {q === undefined ? 'everything' : visibleText(q)}
      </dd>
      <dt>Time</dt>
      <dd>{describeTime(since, until)}</dd>
      <dt>Entries</dt>
      <dd>
        {expected === undefined
          ? '…'
          : `${expected.isExact ? '' : 'at least '}${formatNumber(expected.count)}`}
      </dd>
    </dl>
  )
}

function describeTime(since: string | undefined, until: string | undefined): string {
  if (since === undefined) return until === undefined ? 'all' : `until ${until}`
  return until === undefined ? `since ${since}` : `${since} to ${until}`
}

function Choice(props: {
  readonly spansAll: boolean
  readonly wasCancelled: boolean
  readonly onStart: (format: ExportFormat) => void
  readonly onClose: () => void
}) {
  const { spansAll, wasCancelled, onStart, onClose } = props
  const [chosen, setChosen] = useState<ExportFormat>('ndjson')
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        onStart(chosen)
      }}
    >
      <p role="status" className="export-note">
        {wasCancelled ? 'Cancelled. Nothing was kept.' : ''}
      </p>
      <fieldset className="export-formats">
        <legend>Format</legend>
        {formats.map(({ format, title, about }) => {
          const isBarred = format === 'receipts' && spansAll
          return (
            <label key={format} data-barred={isBarred ? '' : undefined}>
              <input
                type="radio"
                name="format"
                value={format}
                checked={chosen === format}
                disabled={isBarred}
                onChange={() => setChosen(format)}
              />
              <span>
                <strong>{title}</strong>
                <small>
                  {isBarred ? 'Of one log at a time: choose one above the list.' : about}
                </small>
              </span>
            </label>
          )
        })}
      </fieldset>
      <div className="form-actions">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button primary">
          <Icon name="download" /> Export
        </button>
      </div>
    </form>
  )
}

function Running(props: {
  readonly progress: ExportProgress
  readonly expected: Expected | undefined
  readonly onCancel: () => void
}) {
  const { progress, expected, onCancel } = props
  const { entries, bytes } = progress
  const share = expected?.isExact
    ? { value: Math.min(entries, expected.count), max: expected.count || 1 }
    : {}
  const of =
    expected === undefined
      ? ''
      : ` of ${expected.isExact ? '' : 'at least '}${formatNumber(expected.count)}`
  return (
    <>
      <progress className="export-progress" aria-label="Exported" {...share} />
      <p className="export-count">
        {formatNumber(entries)}
        {of} entries, {formatBytes(bytes)}
      </p>
      <div className="form-actions">
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </>
  )
}

function Done(props: {
  readonly progress: ExportProgress
  readonly name: string
  readonly expected: Expected | undefined
  readonly onClose: () => void
}) {
  const { progress, name, expected, onClose } = props
  const isShort = expected !== undefined && progress.entries < expected.count
  return (
    <>
      <p role="status">
        <strong>{formatEntries(progress.entries)}</strong>, {formatBytes(progress.bytes)}, saved as{' '}
        <span className="mono">{name}</span>.
      </p>
      {isShort ? (
        <p role="alert" className="form-fault">
          Before, {formatNumber(expected.count)} were counted. Find out why before you rely on this
          file.
        </p>
      ) : null}
      <Actions onClose={onClose} />
    </>
  )
}

const Actions = (props: { readonly onClose: () => void; readonly onAgain?: () => void }) => (
  <div className="form-actions">
    <button type="button" className="button" onClick={props.onClose}>
      Close
    </button>
    {props.onAgain === undefined ? null : (
      <button type="button" className="button primary" onClick={props.onAgain}>
        Try again
      </button>
    )}
  </div>
)

const Failed = (props: {
  readonly why: string
  readonly onAgain: () => void
  readonly onClose: () => void
}) => (
  <>
    <p role="alert" className="form-fault">
      <strong>The export failed.</strong> {visibleText(props.why)}
    </p>
    <Actions onClose={props.onClose} onAgain={props.onAgain} />
  </>
)

/** A link goes by the cookie: where the page has another credential, there is none. */
const TooLarge = (props: { readonly path: string; readonly onClose: () => void }) => (
  <>
    <p role="alert">
      This is more than {formatBytes(heldBytesMax)}, the most that this browser lets the page hold,
      and nothing was kept. Narrow the search or the time
      {pageCredential().credentials === 'omit'
        ? '.'
        : ', or let the browser download it by itself. Should it say there that the download failed, the file is not whole.'}
    </p>
    {pageCredential().credentials === 'omit' ? null : (
      <a className="button primary" href={props.path} download>
        <Icon name="download" /> Download by the browser
      </a>
    )}
    <Actions onClose={props.onClose} />
  </>
)
