import { loadControlRecipe } from '../control/recipe.ts'
import { trainControl } from '../control/train.ts'
import { type RunFlags, stopSignal } from './run.ts'

/** `attune control train <recipe>`: a policy on its environment's own reward. */
export async function trainCommand(path: string, flags: RunFlags): Promise<void> {
  const overrides = [
    ...(flags.set ?? []),
    ...(flags.seed === undefined ? [] : [`seed=${flags.seed}`]),
    ...(flags.threads === undefined ? [] : [`threads=${flags.threads}`]),
  ]
  const recipe = await loadControlRecipe(path, overrides)
  await trainControl(recipe, { runs: flags.runs, resume: flags.resume ?? false, signal: stopSignal() })
}
