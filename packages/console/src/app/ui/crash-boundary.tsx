import { Component, type ReactNode } from 'react'
import { Notice } from './notice.tsx'

interface State {
  readonly error?: Error
}

/** A bug of ours: said, with a way out, instead of an empty page. React takes a class only. */
export class CrashBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = {}

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    return (
      <main className="centred">
        <Notice kind="error" isPage title="This page broke" onRetry={() => location.reload()}>
          {error.message}
        </Notice>
      </main>
    )
  }
}
