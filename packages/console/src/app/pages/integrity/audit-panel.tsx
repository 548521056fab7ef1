import type { AuditState } from '@indelible/protocol'
import { useSession } from '../../session/session.ts'
import { formatCount, formatEntries } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'
import { Instant } from '../../ui/instant.tsx'
import { Verdict } from '../../ui/verdict.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { formatPlace, useAudits, useStartAudit } from './audits.ts'

/** What the service found when it last checked itself, and a button to have it done now. */
export function AuditPanel() {
  const audits = useAudits()
  const state = audits.data
  return (
    <section className="panel" aria-labelledby="self-audit">
      <header className="panel-head">
        <h2 id="self-audit">Self-audit</h2>
        <AuditButton state={state} />
      </header>
      <p className="panel-lead">
        The service reads back every entry it keeps, computes every hash anew and compares them with
        what was signed. {state === undefined ? null : <Schedule state={state} />}
      </p>
      {audits.error === null ? null : (
        <p className="form-fault" role="alert">
          The state of the audits could not be read. {audits.error.message}
        </p>
      )}
      {state === undefined ? (
        <div className="panel-wait" role="status" aria-label="Loading: self-audit" />
      ) : (
        <Result state={state} />
      )}
    </section>
  )
}

function Schedule({ state: { everyHours, next, growth } }: { readonly state: AuditState }) {
  if (next === null) return <>It does so when an administrator asks for it.</>
  const often = everyHours === 1 ? 'hour' : formatCount(everyHours, 'hour')
  return (
    <>
      It does so every {often}; next: <Instant time={next} />. In between it looks at what is new
      every few minutes
      {growth === null ? null : (
        <>
          ; last: <Instant time={growth} />
        </>
      )}
      .
    </>
  )
}

function AuditButton({ state }: { readonly state: AuditState | undefined }) {
  const { scopes = [], tenants = [] } = useSession().data ?? {}
  const start = useStartAudit()
  if (!scopes.includes('admin') || !tenants.includes('*')) return null
  const busy = start.isPending || (state?.running ?? null) !== null
  return (
    <>
      {start.isError ? (
        <span className="fault" role="alert">
          {start.error.message}
        </span>
      ) : null}
      <button
        type="button"
        className="button"
        aria-disabled={busy}
        onClick={() => {
          if (!busy) start.mutate()
        }}
      >
        <Icon name="play" /> Audit now
      </button>
    </>
  )
}

function Result({ state: { running, last, fault } }: { readonly state: AuditState }) {
  return (
    <>
      {running === null ? null : <Running progress={running.progress} />}
      {fault === null ? null : (
        <Verdict kind="unsure" title="The last attempt came to no end">
          <p>
            <Instant time={fault.time} />: {visibleText(fault.detail)} It says nothing of the logs,
            and is tried again.
          </p>
        </Verdict>
      )}
      {last === null ? (
        running === null ? (
          <Verdict kind="none" title="There was no audit yet" />
        ) : null
      ) : (
        <Last last={last} />
      )}
    </>
  )
}

function Running({ progress }: { readonly progress: number | null }) {
  const label = progress === null ? 'Another node audits' : 'Audit under way'
  return (
    <div className="audit-progress" role="status">
      <span>
        {label}
        {progress === null ? '' : `: ${Math.floor(progress * 100)} %`}
      </span>
      <progress aria-label={label} {...(progress === null ? {} : { value: progress, max: 1 })} />
    </div>
  )
}

function Last({ last }: { readonly last: NonNullable<AuditState['last']> }) {
  const { ok, ended, entries, logs, findings, found } = last
  const what = `${formatEntries(entries)} of ${formatCount(logs.length, 'log')}`
  if (ok === true) {
    return (
      <Verdict kind="good" title="All is well">
        <p>
          {what} audited, nothing wrong. Ended: <Instant time={ended} />
        </p>
      </Verdict>
    )
  }
  if (ok === null) {
    return (
      <Verdict kind="unsure" title="The audit could not say">
        <p>
          It could not look at every entry. Ended: <Instant time={ended} />
        </p>
      </Verdict>
    )
  }
  return (
    <Verdict kind="bad" title={`${formatCount(findings, 'fault')} found`}>
      <p>
        Something that was kept has changed. Do not rely on the entries named here; keep a copy of
        the data as it is, and see who could write to it. {what} audited. Ended:{' '}
        <Instant time={ended} />
      </p>
      <ul className="findings">
        {found.map((finding) => (
          <li key={`${finding.tenant} ${finding.index} ${finding.code} ${finding.detail}`}>
            <strong>{formatPlace(finding)}</strong>
            <span>{visibleText(finding.detail)}</span>
          </li>
        ))}
      </ul>
      {found.length < findings ? <p>And {findings - found.length} more like these.</p> : null}
    </Verdict>
  )
}
