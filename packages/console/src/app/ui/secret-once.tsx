import { useCopy } from './copy-text.ts'
import { Dialog } from './dialog.tsx'
import { Icon } from './icon.tsx'
import './secret-once.css'

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

/** What is shown this once. It goes away only by saying that it was kept. */
export const SecretOnce = (props: {
  readonly title: string
  readonly description: string
  readonly texts: readonly { readonly label: string; readonly text: string }[]
  readonly onKept: () => void
}) => (
  <Dialog title={props.title} description={props.description} wide>
    {props.texts.map((one) => (
      <CopyField key={one.label} {...one} />
    ))}
    <div className="form-actions">
      <button type="button" className="button primary" onClick={props.onKept}>
        I have kept it
      </button>
    </div>
  </Dialog>
)
