import { useState } from 'react'

/** What this browser remembers under a name, or the fallback when it is missing or unreadable. */
export function readStored<Value>(name: string, fallback: Value, storage: Storage = localStorage): Value {
  try {
    const text = storage.getItem(`attune.${name}`)
    return text === null ? fallback : (JSON.parse(text) as Value)
  } catch {
    return fallback
  }
}

/** Remembers a value under a name; false when the browser's storage refuses it. */
export function store(name: string, value: unknown, storage: Storage = localStorage): boolean {
  try {
    storage.setItem(`attune.${name}`, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}

/** Forgets a name. */
export function forget(name: string, storage: Storage = localStorage): void {
  storage.removeItem(`attune.${name}`)
}

/** The names that begin with `prefix` and that something is remembered under. */
export function storedNames(prefix: string, storage: Storage = localStorage): string[] {
  return Array.from({ length: storage.length }, (_, i) => storage.key(i)!).flatMap((key) =>
    key.startsWith(`attune.${prefix}`) ? key.slice('attune.'.length) : [],
  )
}

/** What a person types into a form, kept in this tab across reloads and failures until it is `done`. */
export function useKept<Value>(name: string, initial: Value): [Value, (value: Value) => void, () => void] {
  const slot = `form.${name}`
  const [value, setValue] = useState(() => readStored(slot, initial, sessionStorage))
  const set = (next: Value) => {
    setValue(next)
    store(slot, next, sessionStorage)
  }
  return [value, set, () => forget(slot, sessionStorage)]
}
