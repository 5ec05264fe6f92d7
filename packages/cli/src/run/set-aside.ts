import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readJson } from '@attune/lm'
import { parse } from 'yaml'
import { UserError } from '../errors.ts'
import type { Stage } from '../recipe/schema.ts'
import { note } from '../view/note.ts'
import { differences } from './differences.ts'
import { lockFile } from './lock.ts'

/** No stage has such a name. */
const keptIn = '_replaced'

/** A stage that is to run, and the hash of all that decides its result. */
export interface DueStage {
  readonly stage: Stage
  readonly hash: string
}

/**
 * Moves the folders of stages that start anew to `_replaced`, in place of older ones; with `resume`, those that go on stay.
 * Throws, before anything is moved, when an interrupted stage is to go on but is no longer the same, with what has changed.
 */
export async function setStaleAside(
  due: readonly DueStage[],
  { folder, resume }: { folder: string; resume: boolean },
): Promise<void> {
  const stale: string[] = []
  for (const { stage, hash } of due) {
    const path = join(folder, stage.name)
    if (!(await exists(path))) continue
    const begun = await readJson(join(path, 'hash')).catch(() => undefined)
    if (resume && begun?.hash === hash) continue
    if (resume && (await isInterrupted(path)))
      throw new UserError(
        `${stage.name}: cannot go on, because ${await changesOf(stage, folder)}. Go on with what it was begun with, or leave --resume out: then it starts anew, and what is there is kept in ${join(folder, keptIn)}`,
      )
    stale.push(stage.name)
  }
  for (const name of stale) {
    await keep(folder, name)
    note(`${name} starts anew; what was there is kept in ${join(folder, keptIn)}`)
  }
}

/** Moves all that an earlier process left in a run's folder to `_replaced`, in place of what is there; this process must hold its lock. */
export async function setRunAside(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== lockFile && name !== keptIn)
  if (names.length === 0) return
  await rm(join(folder, keptIn), { recursive: true, force: true })
  for (const name of names) await keep(folder, name)
  note(`${folder} starts anew; what was there is kept in ${join(folder, keptIn)}`)
}

async function keep(folder: string, name: string): Promise<void> {
  const kept = join(folder, keptIn, name)
  await mkdir(join(folder, keptIn), { recursive: true })
  await rm(kept, { recursive: true, force: true })
  await rename(join(folder, name), kept)
}

/** Has it checkpoints, but no result? */
async function isInterrupted(path: string): Promise<boolean> {
  if (await exists(join(path, 'done.json'))) return false
  const steps = await readdir(join(path, 'checkpoints')).catch(() => [])
  return steps.length > 0
}

/** What differs from the recipe that the run's folder keeps. */
async function changesOf(stage: Stage, folder: string): Promise<string> {
  const text = await readFile(join(folder, 'recipe.yaml'), 'utf8').catch(() => '')
  const stages: Stage[] = (parse(text) as { stages?: Stage[] } | null)?.stages ?? []
  const before = stages.find(({ name }) => name === stage.name)
  const changes = before ? differences(before, stage).map(({ text }) => text) : []
  return changes.length > 0
    ? changes.join(', ')
    : 'the seed, a stage before it, or what its files hold has changed since it was begun'
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
