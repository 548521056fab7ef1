import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import { type ReactNode, useRef } from 'react'
import { Icon } from './icon.tsx'
import './dialog.css'

/** What is filled in, before what leaves: of several choices, the one that is made. */
const fields =
  'textarea, select, input:not([type="hidden"], [type="radio"]:not(:checked)):not(:disabled)'

/** Something to fill in or to read, over the page. Open for as long as it is in the page. */
export function Dialog(props: {
  readonly title: string
  readonly description?: ReactNode
  readonly children: ReactNode
  /** Left out: it can't be left but by what stands in it. */
  readonly onClose?: (() => void) | undefined
  readonly wide?: boolean
}) {
  const { title, description, children, onClose, wide = false } = props
  const popup = useRef<HTMLDivElement>(null)
  return (
    <BaseDialog.Root
      open
      // What was typed is not lost by a click beside it.
      disablePointerDismissal
      onOpenChange={(open) => {
        if (!open) onClose?.()
      }}
    >
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="dialog-backdrop" />
        <BaseDialog.Viewport className="dialog-viewport">
          <BaseDialog.Popup
            ref={popup}
            className={wide ? 'dialog wide' : 'dialog'}
            // Not on a touch screen: its keyboard would cover what is asked.
            initialFocus={(opened) =>
              opened === 'touch' || (popup.current?.querySelector<HTMLElement>(fields) ?? true)
            }
          >
            <header className="dialog-head">
              <BaseDialog.Title className="dialog-title">{title}</BaseDialog.Title>
              {onClose === undefined ? null : (
                <BaseDialog.Close className="icon-button" aria-label="Close">
                  <Icon name="close" />
                </BaseDialog.Close>
              )}
            </header>
            {description === undefined ? null : (
              <BaseDialog.Description className="dialog-description" render={<div />}>
                {description}
              </BaseDialog.Description>
            )}
            {children}
          </BaseDialog.Popup>
        </BaseDialog.Viewport>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  )
}

/** Asks before what can't be undone. As TanStack Query has it, `act` is what is then done. */
export function ConfirmDialog(props: {
  readonly title: string
  /** What it means. */
  readonly children: ReactNode
  /** The verb on the button. */
  readonly action: string
  readonly act: {
    readonly mutate: () => void
    readonly isPending: boolean
    readonly error: Error | null
  }
  readonly onClose: () => void
}) {
  const { title, children, action, act, onClose } = props
  return (
    <AlertDialog.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
    >
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="dialog-backdrop" />
        <AlertDialog.Viewport className="dialog-viewport">
          <AlertDialog.Popup className="dialog">
            <AlertDialog.Title className="dialog-title">{title}</AlertDialog.Title>
            <AlertDialog.Description className="dialog-description" render={<div />}>
              {children}
            </AlertDialog.Description>
            {act.error === null ? null : (
              <p className="form-fault" role="alert">
                {act.error.message}
              </p>
            )}
            <div className="form-actions">
              <AlertDialog.Close className="button">Cancel</AlertDialog.Close>
              <button
                type="button"
                className="button danger-primary"
                disabled={act.isPending}
                onClick={() => act.mutate()}
              >
                {action}
              </button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
