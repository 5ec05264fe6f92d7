import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A file system that forgets what was not synced when the power fails. */
export interface LazyDisk {
  readonly folder: string
  /** Drops every byte that no sync has put on the disk. */
  readonly losePower: () => Promise<void>
  readonly dispose: () => Promise<void>
}

const settings = (folder: string) => `[faults]
fifo_path="${folder}/faults.fifo"
fifo_path_completed="${folder}/completed.fifo"
[cache]
apply_eviction=false
[cache.simple]
custom_size="1gb"
blocks_per_page=1
[filesystem]
log_all_operations=false
logfile="${folder}/lazyfs.log"
`

/**
 * Mounts LazyFS (Ramos et al. 2024), whose program is given, for a user who then owns all files; one who is not root needs
 * `user_allow_other` in /etc/fuse.conf. Throws where FUSE or the program is missing.
 */
export async function lazyDisk(
  program: string,
  user: { readonly uid?: number; readonly gid?: number } = {},
): Promise<LazyDisk> {
  const base = mkdtempSync(join(tmpdir(), 'attune-lazy-disk-'))
  const [folder, root] = [join(base, 'disk'), join(base, 'root')]
  for (const made of [folder, root]) {
    mkdirSync(made)
    chmodSync(made, 0o777)
  }
  chmodSync(base, 0o777) // for LazyFS's pipes and log
  writeFileSync(join(base, 'lazyfs.toml'), settings(base))
  const device = statSync(folder).dev
  const mount = ['-o', 'allow_other', '-o', 'modules=subdir', '-o', `subdir=${root}`, '-f']
  const lazyfs = spawn(program, [folder, '--config-path', join(base, 'lazyfs.toml'), ...mount], {
    ...user,
    stdio: 'ignore',
  })
  const failed = new Promise<never>((_, reject) => {
    lazyfs.once('error', reject)
    lazyfs.once('exit', (code) => reject(new Error(`LazyFS ended with ${code}; is there /dev/fuse?`)))
  })
  failed.catch(() => {})
  const mounted = async () => {
    while (statSync(folder).dev === device || !existsSync(join(base, 'faults.fifo'))) await wait(20)
  }
  await Promise.race([mounted(), failed])
  const faults = await open(join(base, 'faults.fifo'), 'r+')
  // open both ways, a pipe has a reader before LazyFS answers, and no end; reading it blocks, which another process may do
  const completed = await open(join(base, 'completed.fifo'), 'r+')
  const answers = spawn('cat', { stdio: [completed.fd, 'pipe', 'ignore'] })
  return {
    folder,
    losePower: async () => {
      const done = once(answers.stdout!, 'data')
      await faults.write('lazyfs::clear-cache\n')
      await Promise.race([done, failed])
    },
    dispose: async () => {
      answers.kill('SIGKILL')
      await completed.close()
      await faults.close()
      execFileSync('umount', ['--lazy', folder])
      lazyfs.kill('SIGKILL')
      rmSync(base, { recursive: true, force: true })
    },
  }
}
