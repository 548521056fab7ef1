import { Fragment } from 'react'
import { Outlet } from 'react-router'
import { SignInPage } from '../pages/sign-in.tsx'
import { Notice } from '../ui/notice.tsx'
import { useSession } from './session.ts'

/** What is inside is for those who signed in; others sign in here, and go on where they wanted to. */
export function SignedIn() {
  const session = useSession()
  if (session.isPending) return <main className="centred" aria-busy="true" />
  if (session.isError) {
    return (
      <main className="centred">
        <Notice kind="error" isPage title="The service can’t be reached" onRetry={session.refetch}>
          {session.error.message}
        </Notice>
      </main>
    )
  }
  return session.data === null ? (
    <SignInPage />
  ) : (
    <Fragment key={session.data.id}>
      <Outlet />
    </Fragment>
  )
}
