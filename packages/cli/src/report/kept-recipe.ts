import { join } from 'node:path'
import { parse } from 'yaml'
import { UserError } from '../errors.ts'
import { parseYaml } from '../recipe/load.ts'
import { type Recipe, recipeSchema } from '../recipe/schema.ts'
import { readTextFile } from '../run/jsonl.ts'

/** The recipe that a run's folder keeps. Throws when it is one of control, which has no report, or not valid any more. */
export async function keptRecipe(folder: string): Promise<Recipe> {
  const path = join(folder, 'recipe.yaml')
  const text = await readTextFile(path)
  const { environment } = (parse(text) ?? {}) as { environment?: unknown }
  if (environment !== undefined)
    throw new UserError(
      `${folder}: a run of control has no report; \`attune track\` shows its curves, and evaluation.json has its returns`,
    )
  return parseYaml(recipeSchema, text, { path })
}
