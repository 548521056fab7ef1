import type { Entry } from '@indelible/protocol'
import { basePath, emptyView, paths } from '../paths.ts'
import { usePreferences } from '../preferences/preferences.tsx'
import { ProofPanel } from '../proof/proof-panel.tsx'
import { formatAgo, formatInstant, formatOffset } from '../time/format.ts'
import { MenuAction, MenuButton } from '../ui/choice-menu.tsx'
import { useCopy } from '../ui/copy-text.ts'
import { Icon } from '../ui/icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { useView } from '../view/view.ts'
import { Related } from './related.tsx'
import {
  ChangesSection,
  ContextSection,
  DataSection,
  ErasedSection,
  LedgerSection,
  RawSection,
  TargetsSection,
  WhatSection,
  WhoSection,
} from './sections.tsx'
import { formatCurl } from './shell-commands.ts'

export function EventDetails(props: { readonly entry: Entry; readonly onClose: () => void }) {
  const { entry, onClose } = props
  const { event, tenant } = entry
  const outcome = event.outcome ?? 'success'
  return (
    <>
      <header className="details-head">
        <div className="details-title">
          <h2>{visibleText(event.action ?? entry.type)}</h2>
          <span className={`badge ${outcome}`}>
            <span className={`dot ${outcome}`} aria-hidden="true" />
            {outcome}
          </span>
        </div>
        <Times entry={entry} />
        <div className="details-tools">
          <CopyMenu entry={entry} />
          <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
      </header>
      <div className="details-body">
        <ProofPanel key={`${tenant}/${event.id}`} entry={entry} />
        <ChangesSection entry={entry} />
        <WhoSection entry={entry} />
        <WhatSection entry={entry} />
        <TargetsSection entry={entry} />
        <ContextSection entry={entry} />
        <DataSection entry={entry} />
        <ErasedSection entry={entry} />
        <section className="detail-section">
          <h3>Related</h3>
          <Related entry={entry} />
        </section>
        <LedgerSection entry={entry} />
        <RawSection entry={entry} />
      </div>
    </>
  )
}

/** When it happened, in both zones; when it was received, where that is another minute. */
function Times({ entry }: { readonly entry: Entry }) {
  const { timeStyle } = usePreferences()
  const time = entry.event.time ?? entry.received
  const at = Date.parse(time)
  const received = Date.parse(entry.received)
  const utc = timeStyle === 'utc'
  const zone = utc ? 'UTC' : formatOffset(at)
  return (
    <p className="details-times">
      <time dateTime={time} title={`${formatInstant(at, { utc: true, milliseconds: true })} UTC`}>
        {formatInstant(at, { utc, milliseconds: true })} {zone}
      </time>
      <span className="faint">{formatAgo(at, Date.now())}</span>
      {Math.abs(received - at) < 60_000 ? null : (
        <span className="faint">received {formatInstant(received, { utc })}</span>
      )}
    </p>
  )
}

function CopyMenu({ entry }: { readonly entry: Entry }) {
  const { copied, copy } = useCopy()
  const { isEmbedded } = useView()
  const address = { tenant: entry.tenant, id: entry.event.id }
  const link = () => {
    const view = paths.eventsView({ ...emptyView, tenant: entry.tenant, opened: address })
    return `${location.origin}${basePath}${view}`
  }
  return (
    <>
      <span className="copied" role="status">
        {copied}
      </span>
      <MenuButton
        className="button quiet"
        trigger={
          <>
            <Icon name="copy" /> Copy
          </>
        }
      >
        <MenuAction onChoose={() => copy('JSON', JSON.stringify(entry, null, 2))}>JSON</MenuAction>
        {/* Both are of use to who has an account or a key. */}
        {isEmbedded ? null : (
          <>
            <MenuAction onChoose={() => copy('Link', link())}>Link to this event</MenuAction>
            <MenuAction onChoose={() => copy('curl', formatCurl(location.origin, address))}>
              curl command
            </MenuAction>
          </>
        )}
      </MenuButton>
    </>
  )
}
