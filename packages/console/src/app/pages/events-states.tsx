import type { Filters } from '../api/calls.ts'
import type { EventsView } from '../paths.ts'
import type { useEvents } from '../table/use-events.ts'
import { CopyField } from '../ui/copy-field.tsx'
import { FaultNotice } from '../ui/fault-notice.tsx'
import { formatNumber } from '../ui/figures.ts'
import { Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useView } from '../view/view.ts'

type Pages = ReturnType<typeof useEvents>['pages']

/** In the place of the list: loading, a fault, no permission, nothing there, nothing found. */
export function ListState(props: {
  readonly pages: Pages
  readonly filters: Filters
  readonly faulty: boolean
  readonly change: (changes: Partial<EventsView>) => void
}) {
  const { pages, filters, faulty, change } = props
  if (pages.isPending) return <Skeleton />
  if (pages.isError) {
    if (faulty)
      return (
        <Notice kind="empty" title="The query can’t be read">
          The fault is marked above.
        </Notice>
      )
    return (
      <FaultNotice
        error={pages.error}
        title="The search failed"
        lockedTitle="You may not see this log"
        onRetry={pages.refetch}
      />
    )
  }
  const { q, since, until } = filters
  const narrowed = q !== undefined || since !== undefined || until !== undefined
  if (!narrowed) return <NothingYet />
  return (
    <Notice kind="empty" title="Nothing fits">
      <p>
        No event fits the search{since === undefined && until === undefined ? '' : ' in this time'}.
      </p>
      <div className="notice-actions">
        {since === undefined && until === undefined ? null : (
          <button
            type="button"
            className="button"
            onClick={() => change({ since: undefined, until: undefined })}
          >
            Search all time
          </button>
        )}
        {q === undefined ? null : (
          <button type="button" className="button" onClick={() => change({ q: '' })}>
            Clear the search
          </button>
        )}
      </div>
    </Notice>
  )
}

function NothingYet() {
  const { isEmbedded } = useView()
  if (isEmbedded) {
    return (
      <Notice kind="empty" title="No events yet">
        <p>What happens from now on stands here a moment later.</p>
      </Notice>
    )
  }
  return <FirstEvent />
}

const FirstEvent = () => (
  <Notice kind="empty" title="No events yet">
    <p>
      Submit the first one, and it stands here a moment later. <code>INDELIBLE_KEY</code> is an API
      key: that of the first start, or one that is made under Administration.
    </p>
    <CopyField
      label="Command"
      text={`curl ${location.origin}/v1/events \\
  -H "Authorization: Bearer $INDELIBLE_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"action":"document.shared",
       "actor":{"id":"u_1","name":"Ada"},
       "targets":[{"type":"document","id":"d_7"}]}'`}
    />
  </Notice>
)

/** Below the last row: more to come, a search that got tired, or the beginning of the log. */
export function GridFoot(props: {
  readonly pages: Pages
  readonly count: number
  readonly tired: boolean
  readonly isCut: boolean
  readonly onGoOn: () => void
}) {
  const { pages, count, tired, isCut, onGoOn } = props
  if (isCut) {
    return <p>Live keeps the newest {formatNumber(count)} events. End it to see older ones.</p>
  }
  if (pages.isFetchNextPageError) {
    return (
      <p>
        Older events could not be read.{' '}
        <button type="button" className="button" onClick={() => pages.fetchNextPage()}>
          Try again
        </button>
      </p>
    )
  }
  if (!pages.hasNextPage) {
    return <p>{count === 1 ? 'That is the only one.' : `All ${formatNumber(count)} are shown.`}</p>
  }
  if (tired && !pages.isFetching) {
    return (
      <p>
        Nothing in a long stretch of the log.{' '}
        <button type="button" className="button" onClick={onGoOn}>
          Search further back
        </button>
      </p>
    )
  }
  return <p role="status">Searching older events…</p>
}
