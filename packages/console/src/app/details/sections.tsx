import type { Entry } from '@indelible/protocol'
import type { ReactNode } from 'react'
import { emptyView } from '../paths.ts'
import { formatTerm } from '../search/terms.ts'
import { formatNumber } from '../ui/figures.ts'
import { visibleText } from '../ui/visible-text.ts'
import { useView } from '../view/view.ts'
import { diffStates } from './diff.ts'
import { DifferenceList } from './difference-list.tsx'
import { flatten, type Leaf } from './flatten.ts'
import { Value } from './value.tsx'

const leavesMax = 200

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="detail-section">
      <h3>{title}</h3>
      {children}
    </section>
  )
}

const nameUnder = (path: string, under: string): string =>
  path.startsWith(`${under}.`) ? path.slice(under.length + 1) : path

/** Members and their values, under names without the path they share. */
function Members({ leaves, under }: { readonly leaves: readonly Leaf[]; readonly under: string }) {
  return (
    <>
      <dl className="members">
        {leaves.map(({ path, value }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one path can hold a value twice
          <div key={`${path}:${index}`}>
            <dt title={path}>{visibleText(nameUnder(path, under))}</dt>
            <dd>
              <Value field={path} value={value} />
            </dd>
          </div>
        ))}
      </dl>
      {leaves.length < leavesMax ? null : <More />}
    </>
  )
}

const More = () => <p className="faint">There is more: see the raw JSON below.</p>

function MemberSection(props: {
  readonly title: string
  readonly under: string
  readonly value: unknown
}) {
  const { title, under, value } = props
  const leaves = value === undefined ? [] : flatten(value, under, leavesMax)
  if (leaves.length === 0) return null
  return (
    <Section title={title}>
      <Members leaves={leaves} under={under} />
    </Section>
  )
}

export const WhoSection = ({ entry }: { readonly entry: Entry }) => (
  <MemberSection title="Who" under="actor" value={entry.event.actor} />
)

export function WhatSection({ entry }: { readonly entry: Entry }) {
  const { action, outcome, source, id } = entry.event
  const members = { action, outcome, source, id }
  const leaves = Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([path, value]) => ({ path, value }))
  return (
    <Section title="What">
      <Members leaves={leaves} under="" />
    </Section>
  )
}

export function TargetsSection({ entry }: { readonly entry: Entry }) {
  const { targets = [] } = entry.event
  if (targets.length === 0) return null
  return (
    <Section title="On what">
      {targets.map((target, index) => (
        <Members
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
          key={index}
          leaves={flatten(target, 'targets', leavesMax)}
          under="targets"
        />
      ))}
    </Section>
  )
}

export const ContextSection = ({ entry }: { readonly entry: Entry }) => (
  <MemberSection title="From where" under="context" value={entry.event.context} />
)

export const DataSection = ({ entry }: { readonly entry: Entry }) => (
  <MemberSection title="Data" under="data" value={entry.event.data} />
)

/** Before and after, as a person reads them: by member, what went and what came. */
export function ChangesSection({ entry }: { readonly entry: Entry }) {
  const { changes } = entry.event
  if (changes === undefined) return null
  const differences = diffStates(changes.before ?? {}, changes.after ?? {})
  return (
    <Section title="What changed">
      {differences.length === 0 ? <p className="faint">Before and after are the same.</p> : null}
      <DifferenceList differences={differences.slice(0, leavesMax)} />
      {differences.length <= leavesMax ? null : <More />}
    </Section>
  )
}

export const LedgerSection = ({ entry }: { readonly entry: Entry }) => (
  <Section title="Ledger">
    <Members
      leaves={(['tenant', 'index', 'received', 'hash'] as const).map((path) => ({
        path,
        value: entry[path],
      }))}
      under=""
    />
  </Section>
)

/** What is no longer there, and the entry of the same log that says so. */
export function ErasedSection({ entry: { tenant, erased = [] } }: { readonly entry: Entry }) {
  const { Link, view } = useView()
  if (erased.length === 0) return null
  return (
    <Section title="Erased">
      <p className="faint">Its place in the log is proven all the same.</p>
      <dl className="members">
        {erased.map(({ part, by }) => (
          <div key={part}>
            <dt>{visibleText(part)}</dt>
            <dd>
              <Link
                className="value-link"
                view={{
                  ...emptyView,
                  tenant,
                  q: formatTerm('index', String(by)),
                  columns: view.columns,
                }}
              >
                erased by entry {formatNumber(by)} of this log
              </Link>
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}

export const RawSection = ({ entry }: { readonly entry: Entry }) => (
  <details className="detail-section raw">
    <summary>
      <h3>Raw JSON</h3>
    </summary>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
    <pre className="mono" tabIndex={0}>
      {visibleText(JSON.stringify(entry, null, 2))}
    </pre>
  </details>
)
