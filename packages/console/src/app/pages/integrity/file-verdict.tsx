import type { VerifiedReceipt } from '@indelible/proof'
import { Facts, Results } from '../../proof/proof-panel.tsx'
import { failures } from '../../proof/report.ts'
import type { FileReport } from '../../proof/verify-receipt-file.ts'
import { formatEntries, formatNumber } from '../../ui/figures.ts'
import { Instant } from '../../ui/instant.tsx'
import { Verdict } from '../../ui/verdict.tsx'
import { visibleText } from '../../ui/visible-text.ts'

/** What was found of a receipt's file; of what it says, only that which was proven is shown. */
export function FileVerdict(props: FileReport & { readonly name: string }) {
  const { name, report, proven } = props
  const failed = report.results.find(({ status }) => status === 'failed')
  if (proven === undefined) {
    return (
      <Verdict kind="bad" title={`Refused: ${visibleText(name)}`}>
        <p>
          <strong>{failed === undefined ? '' : failures[failed.check]}</strong>{' '}
          {visibleText(failed?.detail ?? '')}
        </p>
        <p>It proves nothing. Do not rely on what it says.</p>
        <Results results={report.results} />
      </Verdict>
    )
  }
  return (
    <Verdict kind="good" title={`Verified: ${visibleText(name)}`}>
      <p>
        Entry {formatNumber(proven.index)} of the log {visibleText(report.facts.tenant)}, received{' '}
        <Instant time={new Date(proven.received).toISOString()} />, is in the signed tree of{' '}
        {formatEntries(proven.size)} as it stands here.
      </p>
      <Said proven={proven} />
      <details>
        <summary>What was checked</summary>
        <Results results={report.results} />
        <Facts facts={report.facts} />
      </details>
    </Verdict>
  )
}

/** Each part as it was proven; of an undisclosed one nothing can be said but that it is there. */
const Said = ({ proven: { parts } }: { readonly proven: VerifiedReceipt }) => (
  <dl className="said">
    {parts.map((part) => (
      <div key={part.label}>
        <dt>{part.label}</dt>
        <dd>
          {part.status === 'undisclosed' ? (
            <span className="faint">not disclosed</span>
          ) : (
            <pre className="mono">{visibleText(JSON.stringify(part.value, null, 2))}</pre>
          )}
        </dd>
      </div>
    ))}
  </dl>
)
