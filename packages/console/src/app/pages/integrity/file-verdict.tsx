import type { VerifiedReceipt } from '@indelible/proof'
import { Facts, Results } from '../../proof/proof-panel.tsx'
import { failures } from '../../proof/report.ts'
import type { FileReport } from '../../proof/verify-receipt-file.ts'
import { Icon } from '../../ui/icon.tsx'
import { Instant } from '../../ui/instant.tsx'
import { visibleText } from '../../ui/visible-text.ts'

/** What was found of a receipt's file; of what it says, only that which was proven is shown. */
export function FileVerdict(props: FileReport & { readonly name: string }) {
  const { name, report, proven } = props
  const failed = report.results.find(({ status }) => status === 'failed')
  if (proven === undefined) {
    return (
      <div className="verdict bad" role="alert">
        <p className="verdict-title">
          <Icon name="alert" /> Refused: {visibleText(name)}
        </p>
        <p>
          <strong>{failed === undefined ? '' : failures[failed.check]}</strong>{' '}
          {visibleText(failed?.detail ?? '')}
        </p>
        <p>It proves nothing. Do not rely on what it says.</p>
        <Results results={report.results} />
      </div>
    )
  }
  return (
    <div className="verdict good">
      <p className="verdict-title" role="status">
        <Icon name="shield" /> Verified: {visibleText(name)}
      </p>
      <p>
        Entry {proven.index.toLocaleString('en')} of the log {visibleText(report.facts.tenant)},
        received <Instant time={new Date(proven.received).toISOString()} />, is in the signed tree
        of {proven.size.toLocaleString('en')} entries as it stands here.
      </p>
      <Said proven={proven} />
      <details>
        <summary>What was checked</summary>
        <Results results={report.results} />
        <Facts facts={report.facts} />
      </details>
    </div>
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
