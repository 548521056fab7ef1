import type { ServiceFigures } from '@indelible/protocol'
import { useQuery } from '@tanstack/react-query'
import { readService } from '../../api/service.ts'
import { FaultNotice } from '../../ui/fault-notice.tsx'
import { formatBytes, formatNumber } from '../../ui/figures.ts'
import { Instant } from '../../ui/instant.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Verdict } from '../../ui/verdict.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { judgeIndex, judgeIntake, judgeQueue, judgeService, judgeSigning } from './judge.ts'
import { Figure, Part, StateWord } from './part.tsx'
import '../../ui/panel.css'
import './service.css'

const refreshMs = 3_000

/** How the service does, for whoever runs it. */
export function ServicePage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['service'],
    queryFn: ({ signal }) => readService(signal),
    refetchInterval: refreshMs,
    // Also where the browser says that it is offline: it would only wait, and show what was.
    networkMode: 'always',
    // Not "try again in a while": every few seconds it is asked anyway, and the page says it failed.
    retry: false,
  })
  return (
    <div className="service">
      <PageHead title="Service">
        How the service does, read anew every few seconds. Programs read the same at{' '}
        <a href="/metrics">/metrics</a>; the API is described at <a href="/docs">/docs</a> and in{' '}
        <a href="/openapi.json">/openapi.json</a>.
      </PageHead>
      {error === null || data === undefined ? null : (
        <Verdict kind="bad" title="The service does not answer">
          <p>These figures are old. {error.message}</p>
        </Verdict>
      )}
      {data === undefined ? <Waiting error={error} onRetry={refetch} /> : <Figures of={data} />}
    </div>
  )
}

function Waiting({ error, onRetry }: { readonly error: Error | null; onRetry: () => unknown }) {
  if (error === null) {
    return <div className="panel service-wait" role="status" aria-label="Loading: the figures" />
  }
  return (
    <div className="panel">
      <FaultNotice
        error={error}
        title="The figures could not be read"
        lockedTitle="These figures are for administrators of every tenant"
        onRetry={onRetry}
      />
    </div>
  )
}

const states = ['fine', 'slow', 'stopped'] as const
const meanings = {
  fine: 'as it should be',
  slow: 'all is still taken, but look',
  stopped: 'needs somebody now',
} as const
const overall = {
  fine: 'All is fine',
  slow: 'Something is slow',
  stopped: 'Something has stopped',
} as const
const kinds: Readonly<Record<string, string>> = { sqlite: 'SQLite', postgres: 'PostgreSQL' }
const verdicts = { fine: 'good', slow: 'unsure', stopped: 'bad' } as const

function Figures({ of }: { readonly of: ServiceFigures }) {
  const { intake, index, signing, store, memory } = of
  const state = judgeService(of)
  return (
    <>
      <Verdict kind={verdicts[state]} title={overall[state]}>
        {of.ready ? null : (
          <p>The service is not ready: balancers send their requests elsewhere.</p>
        )}
      </Verdict>
      <div className="service-parts">
        <Part title="Intake" judgement={judgeIntake(of)}>
          <Figure name="Entries a second, last minute">{formatRate(of.rate)}</Figure>
          <Figure name="Appended since the start">{formatNumber(of.appended)}</Figure>
          <Figure name="Waiting to be written" share={intake.bytes / intake.bytesMax}>
            {formatBytes(intake.bytes)} of {formatBytes(intake.bytesMax)}
          </Figure>
        </Part>
        <Part title="Search index" judgement={judgeIndex(of)}>
          <Figure name="Entries behind" share={index.behind / index.behindMax}>
            {formatNumber(index.behind)} of {formatNumber(index.behindMax)}
          </Figure>
        </Part>
        <Part title="Signing" judgement={judgeSigning(of)}>
          <Figure name="Logs not signed">{formatNumber(signing.refusals.length)}</Figure>
          {signing.refusals.map(({ tenant, reason }) => (
            <p key={tenant} className="service-refusal">
              <strong>{visibleText(tenant)}</strong> {visibleText(reason)}
            </p>
          ))}
        </Part>
        <Part title="Store">
          <Figure name="Kind">{kinds[store.kind] ?? store.kind}</Figure>
          <Figure name="Where">
            <span className="mono">{visibleText(store.where)}</span>
          </Figure>
          <Figure name="On disk">
            {store.bytes === null ? 'not to be had' : formatBytes(store.bytes)}
          </Figure>
          <Figure name="Logs">{formatNumber(of.logs)}</Figure>
          <Figure name="Entries">{formatNumber(of.entries)}</Figure>
        </Part>
        <Part title="Process">
          <Figure name="Version">{of.version}</Figure>
          <Figure name="Node.js">{of.node}</Figure>
          <Figure name="Started">
            <Instant time={of.started} />
          </Figure>
          <Figure name="Memory">{formatBytes(memory.rss)}</Figure>
          <Figure name="Of it JavaScript’s">{formatBytes(memory.heap)}</Figure>
        </Part>
        {of.queues.map((queue) => (
          <Queue key={`${queue.broker} ${queue.queue}`} queue={queue} />
        ))}
      </div>
      <ul className="service-key">
        {states.map((one) => (
          <li key={one}>
            <StateWord state={one} /> {meanings[one]}
          </li>
        ))}
      </ul>
    </>
  )
}

function Queue({ queue }: { readonly queue: ServiceFigures['queues'][number] }) {
  return (
    <Part title={`Queue ${visibleText(queue.queue)}`} judgement={judgeQueue(queue)}>
      <Figure name="Broker">{visibleText(queue.broker)}</Figure>
      <Figure name="Waiting at the broker">{formatNumber(queue.ready)}</Figure>
      <Figure name="In hand">{formatNumber(queue.held)}</Figure>
      <Figure name="Oldest in hand">{formatNumber(queue.oldestAgeS)} s</Figure>
      <Figure name="Appended since the start">{formatNumber(queue.consumed)}</Figure>
      <Figure name="Refused, in the dead-letter queue">{formatNumber(queue.deadLettered)}</Figure>
    </Part>
  )
}

const formatRate = (rate: number): string =>
  rate.toLocaleString('en', { maximumFractionDigits: rate < 10 ? 1 : 0 })
