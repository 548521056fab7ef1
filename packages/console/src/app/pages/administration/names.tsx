import { Instant } from '../../ui/instant.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import './administration.css'

/** Scopes or tenants, each by itself. `*` in words. */
export const Names = ({ names }: { readonly names: readonly string[] }) => (
  <span className="names">
    {names.map((name) => (
      <span key={name} className="badge">
        {name === '*' ? 'every tenant' : visibleText(name)}
      </span>
    ))}
  </span>
)

/** Who made something: `user:ada`, `key:…`, `root:root`, as people say it. */
function Maker({ maker }: { readonly maker: string }) {
  const [, kind, id = ''] = /^(\w+):(.*)$/s.exec(maker) ?? []
  const names: Readonly<Record<string, string>> = {
    user: id,
    key: `the key ${id}`,
    root: 'the root key',
    system: 'the service',
  }
  return <span className="below">by {visibleText(names[kind ?? ''] ?? maker)}</span>
}

/** When something was made or changed, and by whom. */
export const Made = (props: { readonly time: string | null; readonly by: string | null }) => (
  <>
    <Instant time={props.time} /> {props.by === null ? null : <Maker maker={props.by} />}
  </>
)
