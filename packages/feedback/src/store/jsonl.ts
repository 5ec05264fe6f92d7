import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, FeedbackStore } from './contract.ts'
import type { StoreEvent } from './event.ts'
import { openJournal, readJournal } from './journal.ts'
import { takeLock } from './lock.ts'
import { memoryStore } from './memory/store.ts'

/** A store in a folder: a journal, read into memory when it is opened. For what fits there. */
export async function jsonlStore(
  folder: string,
  { url = `jsonl:${folder}`, clock }: { url?: string; clock?: Clock } = {},
): Promise<FeedbackStore> {
  await mkdir(folder, { recursive: true })
  const unlock = await takeLock(join(folder, 'lock'))
  try {
    const path = join(folder, 'journal.jsonl')
    const journal = await openJournal(path)
    const history: StoreEvent[] = []
    try {
      for await (const event of readJournal(path)) history.push(event)
    } catch (cause) {
      await journal.close()
      throw cause
    }
    return memoryStore({
      url,
      clock,
      history,
      persist: async (events) => {
        if (events.length > 0) await journal.append(events)
      },
      onClose: async () => {
        await journal.close()
        await unlock()
      },
    })
  } catch (cause) {
    await unlock()
    throw cause
  }
}
