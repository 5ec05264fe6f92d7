import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockRun } from './lock.ts'

test('a run has one process at a time; of many that resume after a crash one gets it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-lock-'))
  const stale = { token: 'a', pid: process.pid, boot: 'an earlier one', start: '1' }
  for (const crashedHeir of [false, true]) {
    for (const name of crashedHeir ? ['lock', 'lock.heir'] : ['lock'])
      await writeFile(join(folder, name), JSON.stringify(stale))
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(folder)))
    const taken = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    expect(taken.length).toBe(1)
    await expect(lockRun(folder)).rejects.toThrow(`process ${process.pid} has this run open`)
    await taken[0]!()
    expect(await readdir(folder)).toEqual([])
  }
  await rm(folder, { recursive: true })
})

test('a folder that is not there is named', async () => {
  await expect(lockRun('/no/such/folder')).rejects.toThrow('/no/such/folder/lock: there is no such file')
})
