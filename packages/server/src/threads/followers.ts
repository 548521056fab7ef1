/** Who waits for which log to grow. */
export function createFollowers() {
  const listeners = new Map<string, Set<() => void>>()
  return {
    /** Logs that somebody waits for. */
    get followed(): string[] {
      return [...listeners.keys()]
    },
    tell(tenant: string): void {
      for (const listener of listeners.get(tenant) ?? []) listener()
    },
    /** @returns a function that ends it */
    listen(tenant: string, listener: () => void): () => void {
      const those = listeners.get(tenant) ?? new Set()
      listeners.set(tenant, those.add(listener))
      return () => {
        those.delete(listener)
        if (those.size === 0 && listeners.get(tenant) === those) listeners.delete(tenant)
      }
    },
  }
}

export type Followers = ReturnType<typeof createFollowers>
