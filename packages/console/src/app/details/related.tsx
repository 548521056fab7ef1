import type { Entry } from '@indelible/protocol'
import { type EventsView, emptyView } from '../paths.ts'
import { formatTerm } from '../search/terms.ts'
import { rangeAround } from '../time/range.ts'
import { Icon } from '../ui/icon.tsx'
import { useView } from '../view/view.ts'

const aroundMs = 5 * 60_000

/** Searches that begin at this entry: what the same one did, what else was done to the same thing. */
function listRelated({ tenant, event, received }: Entry, columns: EventsView['columns']) {
  const view = { ...emptyView, tenant, columns }
  const by = (label: string, field: string, value: string | undefined) =>
    value === undefined ? [] : [{ label, view: { ...view, q: formatTerm(field, value) } }]
  const around: EventsView = { ...view, ...rangeAround(event.time ?? received, aroundMs) }
  return [
    ...by('Same actor', 'actor.id', event.actor?.id),
    ...by('Same target', 'targets.id', event.targets?.[0]?.id),
    ...by('Same action', 'action', event.action),
    ...by('Same request', 'context.request', event.context?.request),
    ...by('Same session', 'context.session', event.context?.session),
    ...by('Same trace', 'context.trace', event.context?.trace),
    ...by('Same address', 'context.ip', event.context?.ip),
    { label: '5 minutes around', view: around },
  ]
}

export function Related({ entry }: { readonly entry: Entry }) {
  const { Link, view: shown } = useView()
  return (
    <nav className="related" aria-label="Related events">
      {listRelated(entry, shown.columns).map(({ label, view }) => (
        <Link key={label} className="pill" view={view}>
          <Icon name="search" /> {label}
        </Link>
      ))}
    </nav>
  )
}
