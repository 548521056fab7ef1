/** Marks our listeners: several clients must not take each other for the application. */
const ours = Symbol.for('indelible.client.drain')

/**
 * Lets a client deliver what it has before SIGTERM ends the process. Where the application listens
 * too, the end is its own affair: it is then only hurried along.
 * @returns how to stop listening
 */
export function drainOnSigterm(options: {
  readonly hurry: () => void
  readonly close: () => Promise<unknown>
}): () => void {
  const { process } = globalThis
  if (typeof process?.on !== 'function') return () => undefined
  const isForeign = (listener: object): boolean => !(ours in listener)
  const onSigterm = Object.assign(
    () => {
      if (process.listeners('SIGTERM').some(isForeign)) return options.hurry()
      void options.close().finally(() => {
        process.off('SIGTERM', onSigterm)
        // The last of us lets the signal do what it does without listeners.
        if (process.listenerCount('SIGTERM') === 0) process.kill(process.pid, 'SIGTERM')
      })
    },
    { [ours]: true },
  )
  process.on('SIGTERM', onSigterm)
  return () => process.off('SIGTERM', onSigterm)
}
