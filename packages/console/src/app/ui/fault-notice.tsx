import { codeOf } from '../api/problem.ts'
import { Notice } from './notice.tsx'

/** In the place of what could not be had: why, and another attempt where it may help. */
export function FaultNotice(props: {
  readonly error: Error
  readonly title: string
  /** Where the caller may not have it. */
  readonly lockedTitle?: string
  readonly onRetry: () => unknown
}) {
  const { error, title, lockedTitle = 'You may not see this', onRetry } = props
  const locked = codeOf(error) === 'scope-insufficient'
  return (
    <Notice
      kind={locked ? 'locked' : 'error'}
      title={locked ? lockedTitle : title}
      onRetry={locked ? undefined : onRetry}
    >
      {error.message}
    </Notice>
  )
}
