/** Something there is only so much of. No holder gets more than a quarter: others come, too. */
export function createShares(max: number) {
  const holderMax = max / 4
  const held = new Map<string, number>()
  let sum = 0
  return {
    /** @returns what gives it back, to be called once; undefined where there is no more to have */
    take(holder: string, amount = 1): (() => void) | undefined {
      const own = held.get(holder) ?? 0
      if (own + amount > holderMax || sum + amount > max) return undefined
      held.set(holder, own + amount)
      sum += amount
      return () => {
        sum -= amount
        const left = (held.get(holder) ?? 0) - amount
        if (left > 0) held.set(holder, left)
        else held.delete(holder)
      }
    },
  }
}

export type Shares = ReturnType<typeof createShares>
