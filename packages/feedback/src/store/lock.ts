import { randomUUID } from 'node:crypto'
import { link, open, readFile, rename, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { StoreError } from './error.ts'
import { processStart } from './process.ts'

/** Who holds a lock; a process id alone could be another process's after a restart. */
interface Owner {
  readonly token: string
  readonly pid: number
  /** Id of the machine's boot, where the system tells it. */
  readonly boot: string
  /** `processStart` of the process. */
  readonly start: string
}

/**
 * Takes an exclusive lock file of a thing. A live owner is never robbed: throws `locked` with its process id. The lock of a dead
 * one is taken over. Returns the release.
 */
export async function takeLock(path: string, thing = 'this store'): Promise<() => Promise<void>> {
  const own = await ownerOf(process.pid, randomUUID())
  for (let attempt = 0; attempt < 10; attempt++) {
    if (await put(path, own, link)) return () => release(path, own)
    const holder = await readOwner(path)
    if (!holder) continue
    if (await isAlive(holder)) throw locked(path, thing, holder)
    if (await inherit(path, { dead: holder, own })) return () => release(path, own)
  }
  throw new StoreError('locked', `${path}: several processes want ${thing} at once; try again`)
}

/** Id of the living process that holds a lock file; null when there is none. */
export async function lockHolder(path: string): Promise<number | null> {
  const holder = await readOwner(path)
  return holder && (await isAlive(holder)) ? holder.pid : null
}

function locked(path: string, thing: string, { pid }: Owner): StoreError {
  return new StoreError(
    'locked',
    `${path}: process ${pid} has ${thing} open; stop it, or let it do the work (nothing was changed)`,
  )
}

/** What stands in a lock that lost its content with the power: nobody's, for a lock is made with its content. */
const nobody: Owner = { token: '', pid: 0, boot: '', start: '' }

/** Makes the lock with its whole content in one step, on the disk before it has its name. False where `link` finds one there. */
async function put(path: string, own: Owner, place: typeof link | typeof rename): Promise<boolean> {
  const draft = `${path}.${own.token}`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(JSON.stringify(own))
      await file.datasync()
    } finally {
      await file.close()
    }
    await place(draft, path)
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new StoreError('unavailable', `${path}: ${(cause as Error).message}`, { cause })
  } finally {
    await rm(draft, { force: true })
  }
}

/**
 * Puts a lock in the place of a dead owner's. Heirs do this one at a time, by a lock of their own that is inherited in the same way
 * when its owner dies: between the look at the dead one's lock and its replacement nobody else can have replaced it.
 */
async function inherit(path: string, { dead, own }: { dead: Owner; own: Owner }): Promise<boolean> {
  const done = await takeLock(`${path}.heir`).catch((cause) => {
    if (cause instanceof StoreError && cause.code === 'locked') return null
    throw cause
  })
  if (!done) {
    await sleep(20)
    return false
  }
  try {
    return (await readOwner(path))?.token === dead.token && (await put(path, own, rename))
  } finally {
    await done()
  }
}

async function release(path: string, own: Owner): Promise<void> {
  if ((await readOwner(path))?.token === own.token) await rm(path, { force: true })
}

async function readOwner(path: string): Promise<Owner | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return (JSON.parse(text) ?? nobody) as Owner
  } catch {
    return nobody
  }
}

async function isAlive({ pid, boot, start }: Owner): Promise<boolean> {
  return (await processStart(pid)) === start && (await bootId()) === boot
}

async function ownerOf(pid: number, token: string): Promise<Owner> {
  return { token, pid, boot: await bootId(), start: (await processStart(pid)) ?? '' }
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim()
}
