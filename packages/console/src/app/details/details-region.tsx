import { type ReactNode, useEffect, useRef } from 'react'
import './details.css'

interface DetailsProps {
  readonly onClose: () => void
  /** Whether the panel covers the page, and takes the focus with it. */
  readonly covers: boolean
}

/** The region beside the list, or over it. */
export function DetailsRegion(props: DetailsProps & { readonly children: ReactNode }) {
  const { covers, onClose, children } = props
  const region = useRef<HTMLElement>(null)
  useEffect(() => {
    if (covers) region.current?.focus()
  }, [covers])
  return (
    <section
      ref={region}
      className="details"
      aria-label="Event details"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose()
      }}
    >
      {children}
    </section>
  )
}
