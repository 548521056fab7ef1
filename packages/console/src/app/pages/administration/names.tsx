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
