import { forget, readStored, store } from '../storage.ts'

/** Work that is typed and not submitted, kept in this browser for each account and item. */
export interface Drafts {
  readonly read: (item: string) => unknown
  readonly keep: (item: string, draft: unknown) => void
  readonly drop: (item: string) => void
}

/** Drafts in the browser's storage. */
export function createDrafts(account: string, project: string, storage: Storage = localStorage): Drafts {
  const name = (item: string) => `draft.${account}.${project}.${item}`
  return {
    read: (item) => readStored<unknown>(name(item), undefined, storage),
    keep: (item, draft) => {
      store(name(item), draft, storage)
    },
    drop: (item) => forget(name(item), storage),
  }
}
