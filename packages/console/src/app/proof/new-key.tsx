import { useState } from 'react'
import { useForgetPin } from './use-proof.ts'

/** A service can be set up anew at the same address: then somebody who knows so has to say so. */
export function NewKey({ tenant }: { readonly tenant: string }) {
  const [asked, setAsked] = useState(false)
  const forget = useForgetPin()
  if (!asked) {
    return (
      <button type="button" className="button" onClick={() => setAsked(true)}>
        Pin the new key…
      </button>
    )
  }
  return (
    <span className="proof-sure">
      Only if you know why the key changed: what came before can’t be checked any more.{' '}
      <button type="button" className="button danger" onClick={() => forget(tenant)}>
        Trust the new key
      </button>
    </span>
  )
}
