import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@attune/lm'
import type { PreferenceRecipe } from '../preference-recipe.ts'
import { type StudioDesk, studioDesk } from './desk.ts'

/** Where a run asks about its clips; kept in its folder as `studio.json`. */
export interface StudioFile {
  readonly url: string
  readonly project: string
}

/** The project that a run has asked in; undefined when it has not asked in a studio. */
export async function studioFile(folder: string): Promise<StudioFile | undefined> {
  const text = await readFile(join(folder, 'studio.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as StudioFile)
}

/** The desk of a run: the recipe's project, that of its folder, or a new one; the folder keeps its id. */
export async function deskOf({
  name,
  annotator,
  folder,
}: {
  readonly name: string
  readonly annotator: Extract<PreferenceRecipe['annotator'], { kind: 'studio' }>
  readonly folder: string
}): Promise<StudioDesk> {
  const { url, account, question, overlap } = annotator
  const project = annotator.project ?? (await studioFile(folder))?.project
  const address = { url, account, password: process.env.ATTUNE_STUDIO_PASSWORD }
  const desk = await studioDesk(address, project ? { project } : { name, question, overlap })
  const file: StudioFile = { url, project: desk.project }
  await writeFileAtomic(join(folder, 'studio.json'), [JSON.stringify(file)])
  return desk
}
