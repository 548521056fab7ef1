import type { Entry } from '@indelible/protocol'
import { useQuery } from '@tanstack/react-query'
import { readEntry } from '../api/calls.ts'
import { type EntryAddress, formatAddress } from '../paths.ts'
import { keyOf } from '../table/event-grid.tsx'
import { Notice } from '../ui/notice.tsx'
import { EventDetails } from './event-details.tsx'

/** The opened entry: from the list, or asked for where the list does not hold it. */
export function OpenedEvent(props: {
  readonly address: EntryAddress
  readonly entries: readonly Entry[]
  readonly onClose: () => void
}) {
  const { address, entries, onClose } = props
  const key = formatAddress(address)
  const listed = entries.find((entry) => keyOf(entry) === key)
  const read = useQuery({
    queryKey: ['entry', key],
    enabled: listed === undefined,
    queryFn: ({ signal }) => readEntry(address.tenant, address.id, signal),
  })
  const entry = listed ?? read.data
  if (entry !== undefined) return <EventDetails entry={entry} onClose={onClose} />
  if (read.isPending) return <div className="details-wait" aria-busy="true" />
  return (
    <div className="centred">
      <Notice kind="error" title="This event can’t be shown" onRetry={read.refetch}>
        {read.error?.message}
      </Notice>
      <button type="button" className="button" onClick={onClose}>
        Close
      </button>
    </div>
  )
}
