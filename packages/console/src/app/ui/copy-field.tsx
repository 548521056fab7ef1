import { useCopy } from './copy-text.ts'
import { Icon } from './icon.tsx'
import './copy-field.css'

/** Text to take away: shown whole, and copied with a button. */
export function CopyField(props: { readonly label: string; readonly text: string }) {
  const { label, text } = props
  const { copied, copy } = useCopy()
  return (
    <section className="copy-field" aria-label={label}>
      <div className="copy-head">
        <span>{label}</span>
        <span className="copy-said" role="status">
          {copied}
        </span>
        <button
          type="button"
          className="button"
          aria-label={`Copy: ${label}`}
          onClick={() => copy(label, text)}
        >
          <Icon name="copy" /> Copy
        </button>
      </div>
      <pre className="mono">{text}</pre>
    </section>
  )
}
