/** An event on its way: its JSON, written once, so that every try sends the same. */
export interface Pending {
  readonly json: string
  /** What it takes up where it waits. */
  readonly bytes: number
}

/** Where recorded events wait, in order, until the service has them. */
export interface Backlog {
  readonly events: number
  readonly bytes: number
  /** False if it is full. @throws ClientError `spool-failed` where it couldn't be written */
  push(json: string): boolean
  /** The first events, at least one if there is any. They stay. */
  peek(eventsMax: number, bytesMax: number): readonly Pending[]
  /** Takes what `peek` gave, from the first on, out: the service has it, or it was kept aside. */
  commit(settled: readonly Pending[]): void
  /** Puts the first event behind all others, whatever the bound. @throws ClientError `spool-failed` */
  postpone(first: Pending): void
  close(): void
}

/** A backlog in memory: gone with the process. */
export function createMemoryBacklog(options: {
  readonly eventsMax: number
  readonly bytesMax: number
}): Backlog {
  let waiting: Pending[] = []
  /** Of `waiting`, those already taken out: an array's `shift` would copy the rest each time. */
  let gone = 0
  let bytes = 0
  function commit(settled: readonly Pending[]): void {
    gone += settled.length
    for (const pending of settled) bytes -= pending.bytes
    if (gone * 2 < waiting.length) return
    waiting = waiting.slice(gone)
    gone = 0
  }
  return {
    get events() {
      return waiting.length - gone
    },
    get bytes() {
      return bytes
    },
    push(json) {
      // Its characters: near enough to a bound of memory, and encoding it would cost more than all else.
      const size = json.length
      const isFull = waiting.length - gone >= options.eventsMax || bytes + size > options.bytesMax
      if (isFull) return false
      waiting.push({ json, bytes: size })
      bytes += size
      return true
    },
    peek(eventsMax, bytesMax) {
      const batch: Pending[] = []
      let size = 0
      for (const pending of waiting.slice(gone, gone + eventsMax)) {
        size += pending.bytes
        if (batch.length > 0 && size > bytesMax) break
        batch.push(pending)
      }
      return batch
    },
    commit,
    postpone(first) {
      waiting.push(first)
      bytes += first.bytes
      commit([first])
    },
    close() {},
  }
}
