/** A value that can be watched, in the form that React's `useSyncExternalStore` takes. */
export interface Observable<State> {
  readonly getState: () => State
  readonly subscribe: (listener: () => void) => () => void
  readonly set: (state: State) => void
}

/** An observable that starts with this value. */
export function observable<State>(initial: State): Observable<State> {
  const listeners = new Set<() => void>()
  let state = initial
  return {
    getState: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set: (next) => {
      state = next
      for (const listener of listeners) listener()
    },
  }
}
