import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { UserError } from '../errors.ts'
import { differences } from '../run/differences.ts'
import { note } from '../view/note.ts'

/** What may change while a run goes on: how long, how often it is saved, who is asked, and how it is evaluated. */
const free = [
  'description',
  'paper',
  'total_steps',
  'labels',
  'annotator',
  'save_iterations',
  'evaluation_episodes',
  'threads',
]

/** Throws when a run that is to go on was begun with another recipe (the one that its folder keeps), naming what differs. */
export async function checkSameRecipe(
  folder: string,
  recipe: object,
  mayChange: readonly string[] = free,
): Promise<void> {
  const kept = await readFile(join(folder, 'recipe.yaml'), 'utf8').catch(() => undefined)
  if (kept === undefined) return note(`there is no run in ${folder} to go on with: it starts`)
  const changed = differences(parse(kept) ?? {}, recipe).filter(({ field }) => !mayChange.includes(field))
  if (changed.length > 0)
    throw new UserError(
      `${folder} cannot go on, because ${changed.map(({ text }) => text).join(', ')}. Go on with what it was begun with, or give the recipe another name`,
    )
}
