import { join } from 'node:path'
import { parse } from 'yaml'
import { UserError } from '../../errors.ts'
import { readTextFile } from '../../run/jsonl.ts'
import { studioFile } from '../studio/run-desk.ts'

interface AskingRecipe {
  readonly annotator?: { readonly kind?: string; readonly question?: string; readonly url?: string }
}

/**
 * The question that a run's recipe asks about its clips. Throws when the folder is not that of a run that takes a person's
 * answers from here.
 */
export async function askedQuestion(folder: string): Promise<string> {
  const path = join(folder, 'recipe.yaml')
  const annotator = (parse(await readTextFile(path)) as AskingRecipe | null)?.annotator
  if (!annotator)
    throw new UserError(
      `${path}: names no annotator, so there are no clips to compare; give the folder of a run of \`attune control preferences\``,
    )
  if (annotator.kind === 'studio')
    throw new UserError(
      `${path}: annotator.kind is studio, expected person: its clips are compared in the studio; label at ${await deskAddress(folder, annotator.url)}`,
    )
  if (annotator.kind !== 'person')
    throw new UserError(
      `${path}: annotator.kind is ${annotator.kind}, expected person: a simulation answers; to label clips yourself start a run with \`annotator: { kind: person }\``,
    )
  return annotator.question ?? 'Which clip is better?'
}

/** Where people label a run that asks in a studio: its project, or the studio while there is none. */
async function deskAddress(folder: string, studio = 'the studio'): Promise<string> {
  const asked = await studioFile(folder)
  return asked ? `${asked.url}/projects/${asked.project}/label` : studio
}
