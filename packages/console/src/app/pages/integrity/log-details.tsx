import type { LogInfo } from '@indelible/protocol'
import { usePreferences } from '../../preferences/preferences.tsx'
import { NewKey } from '../../proof/new-key.tsx'
import { Results } from '../../proof/proof-panel.tsx'
import { failures, type ProofReport } from '../../proof/report.ts'
import { pins } from '../../proof/sources.ts'
import { useLogProof } from '../../proof/use-proof.ts'
import { formatAgo } from '../../time/format.ts'
import { useNow } from '../../time/use-now.ts'
import { useCopy } from '../../ui/copy-text.ts'
import { formatCount, formatEntries, formatNumber } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'
import { Instant } from '../../ui/instant.tsx'
import { Verdict } from '../../ui/verdict.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { useAudits } from './audits.ts'
import { Growth } from './growth.tsx'
import { AuditBadge, auditOf } from './log-table.tsx'

/** A cosignature is renewed every ten minutes, so that silence differs from a log cut short. */
const staleMs = 20 * 60_000

/** One log: what it is, and what was checked of it. */
export function LogDetails({ log }: { readonly log: LogInfo }) {
  const { tenant, origin, vkey, cosigner, size, root, checkpoint } = log
  const proof = useLogProof(tenant)
  // Read with each verification, which is what writes it.
  const pin = readPin(tenant)
  const newest = provenCheckpoint(proof.data) ?? checkpoint
  return (
    <section className="panel" aria-labelledby="opened-log">
      <header className="panel-head">
        <h2 id="opened-log">Log {visibleText(tenant)}</h2>
      </header>
      <LogVerdict report={proof.data} error={proof.error} />
      <AuditVerdict tenant={tenant} />
      <dl className="facts">
        <Fact name="Origin" text={origin} />
        <Fact name="Key" text={vkey} isCopied />
        <div>
          <dt>Pinned here</dt>
          <dd>
            {pin === undefined ? (
              <span className="faint">not yet</span>
            ) : (
              <>
                {pin.vkey === vkey ? 'the same key' : <span className="mono">{pin.vkey}</span>},
                first seen <Instant time={pin.pinned} />
                {pin.rotated === undefined ? null : (
                  <>
                    , rotated <Instant time={pin.rotated} />, and the key before vouches for it
                  </>
                )}
              </>
            )}
          </dd>
        </div>
        <Fact name="Cosigner" text={cosigner} isCopied />
        <div>
          <dt>Entries</dt>
          <dd>{formatNumber(size)}</dd>
        </div>
        <Fact name="Root hash" text={root} isCopied />
        <div>
          <dt>Newest checkpoint</dt>
          <dd>
            {newest === null ? (
              <span className="faint">none yet</span>
            ) : (
              <>
                {formatEntries(newest.size)}, signed <Instant time={newest.time} />
                <Age time={newest.time} />
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Last audit</dt>
          <dd>
            <AuditBadge tenant={tenant} />
          </dd>
        </div>
        <div>
          <dt>Seen by this browser</dt>
          <dd>
            <Growth history={pin?.history ?? []} />
          </dd>
        </div>
      </dl>
    </section>
  )
}

/** Size and time of the checkpoint as they were verified; the service may say anything beside it. */
function provenCheckpoint(report: ProofReport | undefined): LogInfo['checkpoint'] {
  const { size, cosigned: [cosigned] = [] } = report?.facts ?? {}
  if (report?.status !== 'verified' || size === undefined || cosigned === undefined) return null
  return { size, time: new Date(cosigned.time * 1_000).toISOString() }
}

/** Of one that can't be read the verdict tells. */
function readPin(tenant: string) {
  try {
    return pins.read(tenant)
  } catch {
    return undefined
  }
}

function Age({ time }: { readonly time: string }) {
  const now = useNow(true, 1_000)
  const signedAt = Date.parse(time)
  const { timeStyle } = usePreferences()
  return (
    <>
      {timeStyle === 'relative' ? null : `, ${formatAgo(Math.min(signedAt, now), now)}`}
      {now - signedAt < staleMs ? null : (
        <p className="fault" role="alert">
          Older than it should be: one is signed every ten minutes, even when nothing happens.
          Either the service does not sign this log, or what you are shown is old, or the log ended
          when a backup was restored.
        </p>
      )}
    </>
  )
}

function Fact(props: { readonly name: string; readonly text: string; readonly isCopied?: true }) {
  const { name, text, isCopied } = props
  const { copied, copy } = useCopy()
  return (
    <div>
      <dt>{name}</dt>
      <dd className="fact-text">
        <span className="mono">{visibleText(text)}</span>
        {isCopied === undefined ? null : (
          <button
            type="button"
            className="icon-button"
            aria-label={`Copy: ${name}`}
            onClick={() => copy(name, text)}
          >
            <Icon name={copied === undefined ? 'copy' : 'check'} />
          </button>
        )}
        <span className="hidden" role="status">
          {copied}
        </span>
      </dd>
    </div>
  )
}

/** A signed tree says nothing of what is kept beside it: both are needed, and both are told. */
function AuditVerdict({ tenant }: { readonly tenant: string }) {
  const audited = auditOf(useAudits().data, tenant)
  if (audited?.ok !== false) return null
  return (
    <Verdict
      kind="bad"
      title={`The service’s own audit found ${formatCount(audited.findings, 'fault')} in this log`}
      isQuiet
    >
      <p>What is kept is no longer what was signed. Above it says where.</p>
    </Verdict>
  )
}

function LogVerdict(props: {
  readonly report: ProofReport | undefined
  readonly error: Error | null
}) {
  const { report, error } = props
  if (report === undefined) {
    if (error === null) return <Verdict kind="none" title="Verifying…" />
    return (
      <Verdict kind="unsure" title="Not verified">
        <p>{error.message}</p>
      </Verdict>
    )
  }
  const failed = report.results.find(({ status }) => status === 'failed')
  if (failed === undefined) {
    return (
      <Verdict kind="good" title="Newest checkpoint verified in this browser, now">
        <Results results={report.results} />
      </Verdict>
    )
  }
  return (
    <Verdict kind="bad" title="Verification failed">
      <p>
        <strong>{failures[failed.check]}</strong> {visibleText(failed.detail)}
      </p>
      <Results results={report.results} />
      {failed.check === 'key' ? <NewKey tenant={report.facts.tenant} /> : null}
    </Verdict>
  )
}
