import type { RedactionRule } from '@indelible/protocol'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { searchEvents } from '../../api/calls.ts'
import { ApiProblem } from '../../api/problem.ts'
import { previewRedaction } from '../../api/redaction.ts'
import { diffStates } from '../../details/diff.ts'
import { DifferenceList } from '../../details/difference-list.tsx'
import { useSession } from '../../session/session.ts'
import { useRested } from '../../ui/use-rested.ts'
import { visibleText } from '../../ui/visible-text.ts'

/** A preview is asked for when typing rests this long; each is on record, by the minute. */
const restMs = 250
const mark = /(\[(?:redacted|hash):[\w:-]{1,64}\])/
/** What the service adds to every event; it takes nothing. */
const stamps = new Set(['id', 'outcome', 'tenant', 'time', 'actor.type'])

const example = {
  action: 'employee.changed',
  actor: { id: 'u_1', name: 'Zoë' },
  targets: [{ type: 'employee', id: 'e_7' }],
  changes: { before: { salary: 52000 }, after: { salary: 54000, password: 'hunter2' } },
  data: { note: 'see CASE-77', nationalId: 'AB123' },
}

/** An event of one's choice, before and after: what is taken out of it, and what would be kept. */
export function RedactionPreview({ rule }: { readonly rule?: RedactionRule | undefined }) {
  const newest = useNewestEvent()
  const [typed, setTyped] = useState<string>()
  const text = typed ?? newest.text
  const id = useId()
  return (
    <section className="redaction-preview" aria-label="Preview">
      <div className="form-field">
        <label htmlFor={id}>Try it on an event</label>
        <textarea
          id={id}
          spellCheck={false}
          aria-describedby={`${id}-hint`}
          value={text}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <div className="field-hint" id={`${id}-hint`}>
          {newest.isExample ? 'An example.' : 'The newest event.'} Paste another, as a program sends
          it: nothing of it is kept.
        </div>
      </div>
      <Outcome text={text} rule={rule} />
    </section>
  )
}

function useNewestEvent(): { readonly text: string; readonly isExample: boolean } {
  const mayRead = useSession().data?.scopes.includes('read') === true
  const newest = useQuery({
    queryKey: ['newest-event'],
    enabled: mayRead,
    staleTime: 0,
    retry: false,
    queryFn: ({ signal }) => searchEvents({ tenant: '*', limit: 1 }, signal),
  })
  const event = newest.data?.entries[0]?.event
  if (mayRead && newest.isPending) return { text: '', isExample: false }
  return { text: JSON.stringify(event ?? example, null, 2), isExample: event === undefined }
}

function Outcome({
  text,
  rule,
}: {
  readonly text: string
  readonly rule: RedactionRule | undefined
}) {
  const request = useRested(JSON.stringify([text, rule ?? null]), restMs)
  const [sent, draft] = JSON.parse(request) as [string, RedactionRule | null] // as written above
  const event = parseJson(sent)
  const preview = useQuery({
    queryKey: ['redaction-preview', request],
    enabled: event !== undefined,
    retry: false,
    // It may hold secrets: not longer in memory than on the page.
    gcTime: 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => ({
      before: event,
      after: await previewRedaction(draft === null ? { event } : { event, rule: draft }, signal),
    }),
  })
  if (sent !== '' && event === undefined) return <Fault>This is not JSON yet.</Fault>
  if (preview.error !== null) return <Fault>{describeFault(preview.error)}</Fault>
  if (preview.data === undefined) return <div className="redaction-wait" aria-busy="true" />
  return <Comparison {...preview.data} busy={preview.isPlaceholderData} />
}

const Fault = ({ children }: { readonly children: string }) => (
  <p className="redaction-fault" role="status">
    {children}
  </p>
)

function Comparison(props: {
  readonly before: unknown
  readonly after: Readonly<Record<string, unknown>>
  readonly busy: boolean
}) {
  const { before, after, busy } = props
  const taken = diffStates(before, after).filter(
    ({ kind, path }) => !(kind === 'added' && stamps.has(path)),
  )
  return (
    <div className="redaction-outcome" aria-busy={busy}>
      <h3>{taken.length === 0 ? 'Nothing is taken out of it' : 'What is taken out of it'}</h3>
      {taken.length === 0 ? null : <DifferenceList differences={taken} />}
      <h3>As it would be kept</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
      <pre className="mono" tabIndex={0}>
        {visibleText(JSON.stringify(after, null, 2))
          .split(mark)
          .map((piece, at) =>
            at % 2 === 0 ? (
              piece
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces hold no state
              <mark key={at}>{piece}</mark>
            ),
          )}
      </pre>
    </div>
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Of a rule the fault names the member itself; of an event it says where in it. */
function describeFault(error: Error): string {
  const [first] = error instanceof ApiProblem ? error.errors : []
  if (first === undefined) return error.message
  const [, part, ...rest] = first.pointer.split('/')
  const words = part === 'rule' ? first.detail : [rest.join('.'), first.detail].join(' ')
  return `The ${part === 'rule' ? 'rule' : 'event'} can’t be tried yet: ${visibleText(words.trim())}`
}
