import { limits, type ViewerToken } from '@indelible/protocol'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { createViewerToken } from '../../api/administration.ts'
import { CheckboxGroup, SelectField, TextField } from '../../forms/fields.tsx'
import { Form } from '../../forms/form.tsx'
import { readNumber, readText } from '../../forms/values.ts'
import { basePath, emptyView, paths } from '../../paths.ts'
import { useLogs, useSession } from '../../session/session.ts'
import { formatInstant } from '../../time/format.ts'
import { Notice } from '../../ui/notice.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { SecretOnce } from '../../ui/secret-once.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import './administration.css'

const times = [
  { value: '900', label: '15 minutes' },
  { value: '3600', label: '1 hour' },
  { value: '28800', label: '8 hours' },
  { value: String(limits.viewerTokenMsMax / 1_000), label: '24 hours, the longest' },
]

/** Shows one tenant's events, or what a query finds in them, to somebody without an account. */
export function ViewerLinksPage() {
  const logs = useLogs(true)
  const tenants = logs.data?.map(({ tenant }) => tenant)
  return (
    <>
      <PageHead title="Viewer links">
        A link that shows one tenant’s events, or what a search finds in them, to somebody without
        an account here.
      </PageHead>
      <div className="with-aside">
        <section className="card" aria-label="New viewer link">
          <Waiting error={logs.error} isReady={tenants !== undefined} retry={logs.refetch}>
            <LinkForm tenants={tenants ?? []} />
          </Waiting>
        </section>
        <aside className="card explained" aria-label="How viewer links end">
          <h2>How they end</h2>
          <ul>
            <li>By themselves, after a day at most.</li>
            <li>
              With you: a link that you make here dies when your password is changed, or you are
              disabled, removed, or no longer see the tenant. Signing out leaves it.
            </li>
            <li>They are kept nowhere, so there is no list of them; each making is in the log.</li>
          </ul>
          <h2>In your own product</h2>
          <p>
            Let your backend make a token for each visit, with an API key that may <em>read</em>.
            Revoking that key ends all of its links at once.
          </p>
        </aside>
      </div>
    </>
  )
}

function Waiting(props: {
  readonly error: Error | null
  readonly isReady: boolean
  readonly retry: () => unknown
  readonly children: ReactNode
}) {
  const { error, isReady, retry, children } = props
  if (isReady) return children
  if (error === null) return <p role="status">Reading the tenants…</p>
  return (
    <Notice kind="error" title="The tenants can’t be listed" onRetry={retry}>
      {error.message}
    </Notice>
  )
}

function LinkForm({ tenants }: { readonly tenants: readonly string[] }) {
  const own = tenants.filter((name) => !name.startsWith('_'))
  const [tenant, setTenant] = useState(own[0] ?? '')
  const [filter, setFilter] = useState('')
  const [made, setMade] = useState<ViewerToken>()
  const mayExport = useSession().data?.scopes.includes('export') === true
  const create = useMutation({
    mutationFn: async (values: FormData) => {
      const ttl = readNumber(values, 'ttl') ?? limits.viewerTokenMsDefault / 1_000
      const name = readText(values, 'name')
      const body = { tenant, filter: filter.trim() || undefined, ttl, name }
      setMade(await createViewerToken({ ...body, export: values.has('export') }))
    },
  })
  if (own.length === 0) {
    return (
      <Notice kind="empty" title="No tenants yet">
        There is nothing to show before the first event.
      </Notice>
    )
  }
  return (
    <>
      <Form act={create} submit="Make the link" onSubmit={create.mutate}>
        <SelectField
          name="tenant"
          label="Tenant"
          value={tenant}
          onChange={(event) => setTenant(event.target.value)}
          options={tenants.map((name) => ({ value: name, label: visibleText(name) }))}
        />
        <TextField
          name="filter"
          label="Only what this search finds"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          maxLength={limits.queryCharsMax}
          autoCapitalize="none"
          spellCheck={false}
          placeholder="target:acme -action:internal.*"
          hint={
            <>
              Empty: all of the tenant’s events.{' '}
              <a
                href={`${basePath}${paths.eventsView({ ...emptyView, tenant, q: filter })}`}
                target="_blank"
                rel="noreferrer"
              >
                See what it finds
                <span className="hidden"> (opens another tab)</span>
              </a>
            </>
          }
        />
        <div className="form-pair">
          <SelectField name="ttl" label="Good for" options={times} defaultValue="3600" />
          <TextField
            name="name"
            label="For whom"
            maxLength={limits.displayNameCharsMax}
            hint="Reads by the link bear this name in the log."
          />
        </div>
        {mayExport ? (
          <CheckboxGroup
            name="export"
            label="Also"
            options={[{ value: 'yes', label: 'Export', note: 'take what it shows out, as files' }]}
          />
        ) : null}
      </Form>
      {made === undefined ? null : <MadeLink made={made} onKept={() => setMade(undefined)} />}
    </>
  )
}

function MadeLink(props: { readonly made: ViewerToken; readonly onKept: () => void }) {
  const { token, tenant, expires } = props.made
  // Behind the hash: that part of a link is sent to no server, and so stands in no access log.
  const link = `${location.origin}/embed#token=${token}`
  const until = formatInstant(Date.parse(expires), { utc: false }).slice(0, 16)
  return (
    <SecretOnce
      title="Keep the link now"
      description={`It is not shown again. Whoever has it sees these events of ${visibleText(tenant)} until ${until}, your time.`}
      texts={[
        { label: 'Link', text: link },
        { label: 'In a page', text: formatFrame(link) },
      ]}
      onKept={props.onKept}
    >
      <p className="field-hint">
        A page shows it only if its origin is in the setting <code>INDELIBLE_EMBED_ORIGINS</code>.
      </p>
    </SecretOnce>
  )
}

/** Origin and token hold nothing that a quoted attribute would have to escape. */
const formatFrame = (link: string): string =>
  `<iframe src="${link}"
  title="Audit log" width="100%" height="640" style="border:0"></iframe>`
