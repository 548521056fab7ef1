import type { RedactionRule } from '@indelible/protocol'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { searchEvents } from '../../api/calls.ts'
import { faultsWithin } from '../../api/problem.ts'
import { previewRedaction } from '../../api/redaction.ts'
import { diffStates } from '../../details/diff.ts'
import { DifferenceList } from '../../details/difference-list.tsx'
import { JsonField } from '../../forms/json-field.tsx'
import { formatJson, readJson } from '../../forms/json-text.ts'
import { useSession } from '../../session/session.ts'
import { useRested } from '../../ui/use-rested.ts'
import { visibleText } from '../../ui/visible-text.ts'
import { toSubmission } from './schema-from-example.ts'

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
  const { isOf, hasEvent, ...preview } = usePreview(text, rule)
  return (
    <section className="redaction-preview" aria-label="Preview">
      <JsonField
        label="Try it on an event"
        rows={10}
        text={text}
        onChange={setTyped}
        // What was found holds for what was tried.
        faults={isOf === text ? faultsWithin(preview.error, '/event') : []}
        hint={
          <>
            {newest.isExample ? 'An example.' : 'The newest event.'} Paste another, as a program
            sends it: nothing of it is kept.
          </>
        }
      />
      {hasEvent ? <Outcome {...preview} /> : null}
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
  const entry = newest.data?.entries[0]
  if (mayRead && newest.isPending) return { text: '', isExample: false }
  const event = entry === undefined ? example : toSubmission(entry)
  return { text: formatJson(event), isExample: entry === undefined }
}

function usePreview(text: string, rule: RedactionRule | undefined) {
  const request = useRested(JSON.stringify([text, rule ?? null]), restMs)
  const [isOf, draft] = JSON.parse(request) as [string, RedactionRule | null] // as written above
  const { value: event, fault } = readJson(isOf)
  const hasEvent = fault === undefined
  const preview = useQuery({
    queryKey: ['redaction-preview', request],
    enabled: hasEvent,
    retry: false,
    // It may hold secrets: not longer in memory than on the page.
    gcTime: 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => ({
      before: event,
      after: await previewRedaction(draft === null ? { event } : { event, rule: draft }, signal),
    }),
  })
  const { data, error, isPlaceholderData } = preview
  return { isOf, hasEvent, data, error, isPlaceholderData }
}

function Outcome(props: Omit<ReturnType<typeof usePreview>, 'isOf' | 'hasEvent'>) {
  const { data, error, isPlaceholderData } = props
  if (error !== null) {
    return (
      <p className="redaction-fault" role="status">
        {describeFault(error)}
      </p>
    )
  }
  if (data === undefined) return <div className="redaction-wait" aria-busy="true" />
  return <Comparison {...data} busy={isPlaceholderData} />
}

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
        {visibleText(formatJson(after))
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

/** What is wrong with the event stands at its line. */
function describeFault(error: Error): string {
  const [ofRule] = faultsWithin(error, '/rule')
  if (ofRule !== undefined) return `The rule can’t be tried yet: ${visibleText(ofRule.detail)}`
  const isOfEvent = faultsWithin(error, '/event').length > 0
  return isOfEvent ? 'The event can’t be tried yet: see above.' : error.message
}
