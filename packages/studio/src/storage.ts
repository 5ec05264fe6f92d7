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
