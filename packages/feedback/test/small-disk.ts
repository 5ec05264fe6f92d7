import { execFileSync } from 'node:child_process'
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of a few megabytes, to be filled. */
export interface SmallDisk {
  readonly folder: string
  /** Takes all the space that is left. */
  readonly fill: () => void
  /** Gives it back. */
  readonly free: () => void
  readonly dispose: () => void
}

/** Mounts a small disk in memory; null where that is not allowed. */
export function smallDisk(megabytes: number): SmallDisk | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null
  const folder = mkdtempSync(join(tmpdir(), 'attune-small-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    rmSync(folder, { recursive: true })
    return null
  }
  chmodSync(folder, 0o777)
  const ballast = join(folder, 'ballast')
  const free = () => rmSync(ballast, { force: true })
  return {
    folder,
    free,
    fill: () => {
      const file = openSync(ballast, 'a')
      for (const size of [1 << 16, 1 << 12, 1])
        try {
          for (;;) writeSync(file, Buffer.alloc(size, 1))
        } catch {
          // full for pieces of this size
        }
      closeSync(file)
    },
    dispose: () => {
      execFileSync('umount', ['--lazy', folder])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Whether a small disk can be had, and if not what a test's name says. */
export function smallDiskAvailable(): { readonly missing: boolean; readonly reason: string } {
  const disk = smallDisk(1)
  disk?.dispose()
  return disk
    ? { missing: false, reason: '' }
    : { missing: true, reason: ' (needs root on Linux, to mount a disk)' }
}
