import { limits } from '@indelible/protocol'
import { useState } from 'react'
import { TextField } from './fields.tsx'

/** Without those that are taken for one another: 56 of them, 23 places, 133 bits. */
const letters = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'.slice(0, 56)
const places = 23

/** Bytes beyond the last whole multiple are thrown away: each letter is as likely as another. */
function suggestPassword(): string {
  let password = ''
  while (password.length < places) {
    for (const byte of crypto.getRandomValues(new Uint8Array(places))) {
      if (byte < 224 && password.length < places) password += letters[byte % letters.length]
    }
  }
  return password
}

/** A password to be set: typed, or made here and shown so that it can be handed on. */
export function NewPasswordField(props: {
  readonly name: string
  readonly label: string
  readonly hint?: string
}) {
  const [password, setPassword] = useState('')
  const [shown, setShown] = useState(false)
  const suggest = () => {
    setPassword(suggestPassword())
    setShown(true)
  }
  return (
    <div className="password-field">
      <TextField
        name={props.name}
        label={props.label}
        type={shown ? 'text' : 'password'}
        autoComplete="new-password"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        hint={props.hint ?? `${limits.passwordCharsMin} characters or more.`}
      />
      <div className="password-actions">
        <button type="button" className="button" onClick={suggest}>
          Suggest one
        </button>
        <button
          type="button"
          className="button"
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          Show
        </button>
      </div>
    </div>
  )
}
