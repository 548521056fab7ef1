import type { Entry } from '@indelible/protocol'
import { useMutation } from '@tanstack/react-query'
import { receiptPath } from '../api/calls.ts'
import { codeOf } from '../api/problem.ts'
import { requestText } from '../api/request.ts'
import { saveFile } from '../api/save-file.ts'
import { formatVerify } from '../details/shell-commands.ts'
import type { EntryAddress } from '../paths.ts'
import { formatInstant } from '../time/format.ts'
import { formatNumber } from '../ui/figures.ts'
import { Icon } from '../ui/icon.tsx'
import { Verdict } from '../ui/verdict.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { NewKey } from './new-key.tsx'
import { type CheckResult, checks, failures, type ProofFacts, type ProofReport } from './report.ts'
import { useEntryProof } from './use-proof.ts'
import './proof.css'

/** What this browser found when it checked the opened entry by itself. */
export function ProofPanel({ entry }: { readonly entry: Entry }) {
  const proof = useEntryProof(entry)
  if (proof.isPending) return <Verdict kind="none" title="Verifying…" />
  if (proof.isError) return <Unverified error={proof.error} onRetry={proof.refetch} />
  const passed = proof.data.status === 'verified'
  return passed ? (
    <Verified entry={entry} report={proof.data} />
  ) : (
    <Failed report={proof.data} onRetry={proof.refetch} />
  )
}

function Verified({ entry, report }: { readonly entry: Entry; readonly report: ProofReport }) {
  const { index = 0, size = 0, undisclosed = [] } = report.facts
  return (
    <Verdict kind="good" title="Verified in this browser">
      <p className="proof-line">
        Entry {formatNumber(index)} stands unaltered among the {formatNumber(size)} that are signed.
        {undisclosed.length === 0 ? '' : ` Not disclosed: ${undisclosed.join(', ')}.`}
      </p>
      <p className="proof-line">{describePin(report.facts)}</p>
      <details>
        <summary>What was checked</summary>
        <Results results={report.results} />
        <Facts facts={report.facts} />
        <CheckYourself entry={entry} facts={report.facts} />
      </details>
    </Verdict>
  )
}

/** Whom it rests on is part of the verdict: the first visit had to believe the key it was shown. */
function describePin({ pinned = '', firstSight }: ProofFacts): string {
  const at = `${formatInstant(Date.parse(pinned), { utc: true }).slice(0, 16)} UTC`
  return firstSight === true
    ? 'By the log’s key, which this browser saw for the first time just now and had to believe.'
    : `By the log’s key, the one that this browser first saw on ${at}.`
}

function Failed(props: { readonly report: ProofReport; readonly onRetry: () => unknown }) {
  const { results, facts } = props.report
  const failed = results.find(({ status }) => status === 'failed')
  return (
    <Verdict kind="bad" title="Verification failed">
      <p className="proof-line">
        <strong>{failed === undefined ? '' : failures[failed.check]}</strong>{' '}
        {visibleText(failed?.detail ?? '')}
      </p>
      <p className="proof-line">
        Do not rely on this entry. Keep what you see, and tell whoever runs the audit log.
      </p>
      <details open>
        <summary>What was checked</summary>
        <Results results={results} />
        <Facts facts={facts} />
      </details>
      <div className="proof-actions">
        <button type="button" className="button" onClick={() => props.onRetry()}>
          <Icon name="refresh" /> Check again
        </button>
        {failed?.check === 'key' ? <NewKey tenant={facts.tenant} /> : null}
      </div>
    </Verdict>
  )
}

function Unverified(props: { readonly error: Error; readonly onRetry: () => unknown }) {
  const isYoung = codeOf(props.error) === 'checkpoint-pending'
  return (
    <Verdict kind="unsure" title="Not verified">
      <p className="proof-line">
        {isYoung
          ? 'The log has not signed a checkpoint that covers this entry. That takes a second; if it goes on, the service may have refused to sign.'
          : props.error.message}
      </p>
      <div className="proof-actions">
        <button type="button" className="button" onClick={() => props.onRetry()}>
          <Icon name="refresh" /> Check again
        </button>
      </div>
    </Verdict>
  )
}

const words = { passed: 'passed', failed: 'failed', unreached: 'not reached' } as const

/** Each check with what came of it. */
export const Results = ({ results }: { readonly results: readonly CheckResult[] }) => (
  <ol className="proof-results">
    {results.map(({ check, status, detail }) => (
      <li key={check} className={status}>
        <span className="proof-mark" role="img" aria-label={words[status]}>
          {status === 'unreached' ? '–' : <Icon name={status === 'passed' ? 'check' : 'close'} />}
        </span>
        <span>
          {checks[check]}
          <small>{visibleText(detail)}</small>
        </span>
      </li>
    ))}
  </ol>
)

/** What was computed and compared. */
export function Facts({ facts }: { readonly facts: ProofFacts }) {
  const { vkey, hash, root, cosigned = [] } = facts
  const rows = [
    ['Key', vkey],
    ['Leaf hash', hash],
    ['Root hash', root],
    ...cosigned.map(({ time }) => [
      'Cosigned',
      `${formatInstant(time * 1_000, { utc: true })} UTC, by the service itself`,
    ]),
  ] as const
  return (
    <dl className="proof-facts">
      {rows.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="mono">{visibleText(value)}</dd>
          </div>
        ),
      )}
    </dl>
  )
}

/** This page's script came from the service that it checks: who doubts that checks elsewhere. */
function CheckYourself({ entry, facts }: { readonly entry: Entry; readonly facts: ProofFacts }) {
  return (
    <div className="proof-elsewhere">
      <p>
        The script that checked this came from the same service. To depend on nothing of it, check
        the receipt offline:
      </p>
      <pre className="mono">{formatVerify(facts.vkey ?? '')}</pre>
      <ReceiptButton tenant={entry.tenant} id={entry.event.id} />
    </div>
  )
}

/** Fetches an entry's receipt and hands it to the browser to be saved. */
export const useReceiptDownload = () =>
  useMutation({
    mutationFn: ({ tenant, id }: EntryAddress) => requestText(receiptPath(tenant, id)),
    onSuccess: (text, { id }) =>
      saveFile(`receipt-${id}.json`, new Blob([text], { type: 'application/json' })),
  })

function ReceiptButton(address: EntryAddress) {
  const receipt = useReceiptDownload()
  return (
    <>
      <button type="button" className="button" onClick={() => receipt.mutate(address)}>
        <Icon name="download" /> Receipt
      </button>
      {receipt.isError ? <p role="alert">{receipt.error.message}</p> : null}
    </>
  )
}
