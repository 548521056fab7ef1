import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { Notice } from '../ui/notice.tsx'
import { useTitle } from '../ui/use-title.ts'

export function NotFoundPage() {
  useTitle('Not found')
  return (
    <div className="centred">
      <Notice kind="empty" isPage title="There is no such page">
        <Link to={paths.events}>Go to the events</Link>
      </Notice>
    </div>
  )
}
