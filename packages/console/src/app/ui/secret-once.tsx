import type { ReactNode } from 'react'
import { CopyField } from './copy-field.tsx'
import { Dialog } from './dialog.tsx'

/** What is shown this once. It goes away only by saying that it was kept. */
export const SecretOnce = (props: {
  readonly title: string
  readonly description: string
  readonly texts: readonly { readonly label: string; readonly text: string }[]
  /** What else there is to know of them. */
  readonly children?: ReactNode
  readonly onKept: () => void
}) => (
  <Dialog title={props.title} description={props.description} wide>
    {props.texts.map((one) => (
      <CopyField key={one.label} {...one} />
    ))}
    {props.children}
    <div className="form-actions">
      <button type="button" className="button primary" onClick={props.onKept}>
        I have kept it
      </button>
    </div>
  </Dialog>
)
