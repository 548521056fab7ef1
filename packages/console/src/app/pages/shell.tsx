import { Suspense, useEffect, useRef } from 'react'
import { Link, Navigate, Outlet, useLocation } from 'react-router'
import { paths } from '../paths.ts'
import { LogAlarm } from '../proof/log-watch.tsx'
import { useLogs, useSession } from '../session/session.ts'
import { Notice } from '../ui/notice.tsx'
import { useTitle } from '../ui/use-title.ts'
import { SectionNavigation } from './navigation.tsx'
import { openTo, type PageEntry, type Section } from './pages.tsx'
import { TopBar } from './top-bar.tsx'
import './shell.css'

/** What stands around every page but the events, which has a bar with a tenant of its own. */
export function Shell() {
  const mayRead = useSession().data?.scopes.includes('read') === true
  const tenants = useLogs(mayRead).data?.map(({ tenant }) => tenant) ?? []
  return (
    <div className="shell">
      <TopBar tenant={undefined} tenants={tenants} />
      <LogAlarm tenants={tenants} />
      <div className="shell-body">
        <SectionNavigation />
        <Main />
      </div>
    </div>
  )
}

/** A link inside the page puts the focus where the next page begins, as the loading of one would. */
function Main() {
  const main = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [pathname])
  return (
    <main className="shell-main" ref={main} tabIndex={-1}>
      <Outlet />
    </main>
  )
}

/** One page of the list, for those who may open it. */
export function PageFrame({ page }: { readonly page: PageEntry }) {
  useTitle(page.title)
  const session = useSession().data
  if (session?.scopes.includes(page.scope) !== true) {
    return (
      <Notice kind="locked" isPage title={`You may not open “${page.title}”`}>
        <p>
          You are signed in as <strong>{session?.name}</strong>, and this page is for those who{' '}
          {page.scope === 'admin' ? 'administer the service' : 'may read the logs'}. Ask an
          administrator for {page.scope === 'admin' ? 'the role' : 'a role such as'}{' '}
          <em>{page.scope === 'admin' ? 'admin' : 'auditor'}</em>.
        </p>
        <Link to={paths.events}>Go to the events</Link>
      </Notice>
    )
  }
  return (
    <Suspense fallback={<div className="shell-wait" aria-busy="true" />}>
      <page.Page />
    </Suspense>
  )
}

/** A section's own address leads to its first page. */
export function SectionStart({ section }: { readonly section: Section }) {
  const scopes = useSession().data?.scopes ?? []
  const [first] = [...openTo(scopes, section), ...openTo(['admin'], section)]
  return <Navigate to={first?.path ?? paths.events} replace />
}
