import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { logIn } from '../api/calls.ts'
import { codeOf } from '../api/problem.ts'
import { announceSession } from '../session/follow-session.ts'
import { sessionKey } from '../session/session.ts'
import { Brand } from '../ui/brand.tsx'
import { useTitle } from '../ui/use-title.ts'
import './sign-in.css'

function sayWhy(error: Error): string {
  if (codeOf(error) === 'credentials-invalid') return 'Username and password do not match.'
  return error.message
}

export function SignInPage() {
  useTitle('Sign in')
  const client = useQueryClient()
  const signIn = useMutation({
    mutationFn: (form: FormData) =>
      logIn(String(form.get('username') ?? ''), String(form.get('password') ?? '')),
    onSuccess: async () => {
      // Nothing that another user was shown stays.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })
      announceSession()
      await client.invalidateQueries({ queryKey: sessionKey })
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    signIn.mutate(new FormData(event.currentTarget))
  }
  return (
    <main className="sign-in">
      <form className="sign-in-card" method="post" onSubmit={submit}>
        <Brand />
        <h1>Sign in to the audit log</h1>
        <label className="field">
          <span>Username</span>
          {/* biome-ignore lint/a11y/noAutofocus: the page is for nothing else */}
          <input name="username" autoComplete="username" required autoFocus autoCapitalize="none" />
        </label>
        <label className="field">
          <span>Password</span>
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {signIn.isError ? (
          <p className="sign-in-fault" role="alert">
            {sayWhy(signIn.error)}
          </p>
        ) : null}
        <button className="button primary" type="submit" disabled={signIn.isPending}>
          {signIn.isPending ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      <p className="sign-in-foot">
        What this console shows, your browser checks by itself: hashes, proofs and signatures.
      </p>
    </main>
  )
}
