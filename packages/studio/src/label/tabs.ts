import { forget, readStored, store } from '../storage.ts'

/** Leases that a tab has on its desk, so that two tabs of one person do not show the same task. */
export interface Tabs {
  /** Says what this tab holds now. */
  readonly hold: (leases: readonly { readonly id: string; readonly expiresAt: string }[]) => void
  /** Ids of the leases that other tabs hold and that have not ended. */
  readonly elsewhere: () => string[]
  /** This tab closes: its leases may be given to another. */
  readonly close: () => void
}

type Held = Readonly<Record<string, readonly { readonly id: string; readonly until: number }[]>>

/** The tabs of this browser at one desk; the tab's own name lives as long as the tab. */
export function createTabs(desk: string, tab: Storage, shared: Storage = localStorage): Tabs {
  const slot = `tabs.${desk}`
  const own = readStored<string>('tab', crypto.randomUUID(), tab)
  store('tab', own, tab)
  const others = () => {
    const { [own]: _, ...rest } = readStored<Held>(slot, {}, shared)
    const live = Object.entries(rest).map(([name, leases]) => {
      return [name, leases.filter(({ until }) => until > Date.now())] as const
    })
    return Object.fromEntries(live.filter(([, leases]) => leases.length > 0))
  }
  const close = () => {
    const rest = others()
    if (Object.keys(rest).length > 0) store(slot, rest, shared)
    else forget(slot, shared)
  }
  return {
    hold: (leases) => {
      if (leases.length === 0) return close()
      const held = leases.map(({ id, expiresAt }) => ({ id, until: Date.parse(expiresAt) }))
      store(slot, { ...others(), [own]: held }, shared)
    },
    elsewhere: () =>
      Object.values(others())
        .flat()
        .map(({ id }) => id),
    close,
  }
}
