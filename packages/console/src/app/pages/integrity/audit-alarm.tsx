import { Link, useLocation } from 'react-router'
import { paths } from '../../paths.ts'
import { useSession } from '../../session/session.ts'
import { formatCount } from '../../ui/figures.ts'
import { Icon } from '../../ui/icon.tsx'
import { useAudits } from './audits.ts'

/** A failed audit of the service by itself: over every page, but the one that tells it in full. */
export function AuditAlarm() {
  const { pathname } = useLocation()
  const mayRead = useSession().data?.scopes.includes('read') === true
  const last = useAudits(mayRead).data?.last
  if (last?.ok !== false || pathname === paths.integrity) return null
  return (
    <div className="log-alarm" role="alert">
      <Icon name="alert" />
      <p>
        <strong>The service’s own audit found {formatCount(last.findings, 'fault')}.</strong>{' '}
        Something that was kept has changed.
      </p>
      <Link className="button" to={paths.integrity}>
        See what
      </Link>
    </div>
  )
}
