import { useSyncExternalStore } from 'react'

/** A value that something outside React changes. */
export interface Box<Value> {
  readonly read: () => Value
  readonly put: (value: Value) => void
  readonly subscribe: (listener: () => void) => () => void
}

export function createBox<Value>(initial: Value): Box<Value> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    read: () => value,
    put(next) {
      value = next
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export const useBox = <Value>(box: Box<Value>): Value =>
  useSyncExternalStore(box.subscribe, box.read)
