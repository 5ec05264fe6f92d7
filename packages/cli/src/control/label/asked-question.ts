import { join } from 'node:path'
import { parse } from 'yaml'
import { UserError } from '../../errors.ts'
import { readTextFile } from '../../run/jsonl.ts'

/** The question that a run's recipe asks about its clips. Throws when the folder is not that of a run that compares clips. */
export async function askedQuestion(folder: string): Promise<string> {
  const path = join(folder, 'recipe.yaml')
  const recipe = parse(await readTextFile(path)) as { annotator?: { question?: string } } | null
  if (!recipe?.annotator)
    throw new UserError(
      `${path}: names no annotator, so there are no clips to compare; give the folder of a run of \`attune control preferences\``,
    )
  return recipe.annotator.question ?? 'Which clip is better?'
}
