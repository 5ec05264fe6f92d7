import { randomUUID } from 'node:crypto'
import { link, open, readFile, rename, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { StoreError } from './error.ts'

/** Who holds a lock; a process id alone could be another process's after a restart. */
interface Owner {
  readonly token: string
  readonly pid: number
  /** Id of the machine's boot, where the system tells it. */
  readonly boot: string
  /** Start time of the process in ticks since boot, where the system tells it. */
  readonly start: string
}

/**
 * Takes an exclusive lock file. A live owner is never robbed: throws `locked` with its process id. The lock of a dead one is
 * taken over. Returns the release.
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const own = await ownerOf(process.pid, randomUUID())
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await tryLink(path, own)) return () => release(path, own)
    const holder = await readOwner(path)
    if (!holder) continue
    if (await isAlive(holder)) throw locked(path, holder)
    if (!(await bury(path, holder))) continue
    if (!(await tryLink(path, own))) continue
    await sleep(50) // another heir, who read the dead owner before us, puts our lock back within this time
    if ((await readOwner(path))?.token === own.token) return () => release(path, own)
  }
  throw new StoreError('locked', `${path}: several processes want this store at once; try again`)
}

function locked(path: string, { pid }: Owner): StoreError {
  return new StoreError(
    'locked',
    `${path}: process ${pid} has this store open; stop it, or let it do the work (nothing was changed)`,
  )
}

/** What stands in a lock that lost its content with the power: nobody's, for a lock is made with its content. */
const nobody: Owner = { token: '', pid: 0, boot: '', start: '' }

/** Makes the lock with its whole content in one step, on the disk before it has its name. */
async function tryLink(path: string, own: Owner): Promise<boolean> {
  const draft = `${path}.${own.token}`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(JSON.stringify(own))
      await file.datasync()
    } finally {
      await file.close()
    }
    await link(draft, path)
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new StoreError('unavailable', `${path}: ${(cause as Error).message}`, { cause })
  } finally {
    await rm(draft, { force: true })
  }
}

/** Moves a dead owner's lock away; one that was not its is put back. */
async function bury(path: string, dead: Owner): Promise<boolean> {
  const grave = `${path}.${randomUUID()}`
  try {
    await rename(path, grave)
  } catch {
    return false
  }
  const isDead = (await readOwner(grave))?.token === dead.token
  if (!isDead) await link(grave, path).catch(() => {})
  await rm(grave, { force: true })
  return isDead
}

async function release(path: string, own: Owner): Promise<void> {
  if ((await readOwner(path))?.token === own.token) await rm(path, { force: true })
}

async function readOwner(path: string): Promise<Owner | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return JSON.parse(text) as Owner
  } catch {
    return nobody
  }
}

async function isAlive(holder: Owner): Promise<boolean> {
  if (holder.pid === nobody.pid) return false
  try {
    process.kill(holder.pid, 0)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = await ownerOf(holder.pid, holder.token)
  return now.boot === holder.boot && now.start === holder.start
}

async function ownerOf(pid: number, token: string): Promise<Owner> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // Field 22; the name in field 2 may hold spaces, so fields are counted after its bracket.
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  return { token, pid, boot: boot.trim(), start }
}
