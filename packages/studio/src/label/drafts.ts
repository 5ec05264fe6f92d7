import { forget, readStored, store } from '../storage.ts'

/** A draft and when it was typed, in milliseconds by the clock of the machine: of two, the newer is shown. */
export interface KeptDraft {
  readonly at: number
  readonly draft: unknown
}

/** Work that is typed and not submitted, kept in this browser for each account and item. */
export interface Drafts {
  readonly read: (item: string) => KeptDraft | undefined
  readonly keep: (item: string, draft: unknown) => KeptDraft
  readonly drop: (item: string) => void
}

/** Drafts in the browser's storage. */
export function createDrafts(account: string, project: string, storage: Storage = localStorage): Drafts {
  const name = (item: string) => `draft.${account}.${project}.${item}`
  return {
    read: (item) => keptDraft(readStored<unknown>(name(item), undefined, storage)),
    keep: (item, draft) => {
      const kept = { at: Date.now(), draft }
      store(name(item), kept, storage)
      return kept
    },
    drop: (item) => forget(name(item), storage),
  }
}

/** A draft as it was kept; one without a time (an answer that was taken back, or another program's) is the oldest. */
export function keptDraft(value: unknown): KeptDraft | undefined {
  if (value === undefined || value === null) return undefined
  const { at, draft } = value as Partial<KeptDraft>
  return typeof at === 'number' && draft !== undefined ? { at, draft } : { at: 0, draft: value }
}
