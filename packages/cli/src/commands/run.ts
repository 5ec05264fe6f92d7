import { UserError } from '../errors.ts'
import { loadRecipe } from '../recipe/load.ts'
import type { Recipe, Stage } from '../recipe/schema.ts'
import { runRecipe } from '../run/run-recipe.ts'
import { writeSummary } from '../run/summary.ts'
import { writeReport } from './report.ts'

/** Options shared by the commands that run recipes. */
export interface RunFlags {
  readonly set?: readonly string[]
  readonly seed?: string
  readonly threads?: string
  readonly resume?: boolean
  readonly runs: string
}

/** `attune run <recipe>`: all stages; `attune sft <recipe>` and its kin: recipes of that kind of stage only. */
export async function runCommand(path: string, flags: RunFlags, only?: Stage['stage']): Promise<void> {
  const recipe = await loadRecipe(path, overridesOf(flags))
  if (only) checkKind(recipe, { path, only })
  const { folder, done } = await runRecipe(recipe, {
    runs: flags.runs,
    resume: flags.resume ?? false,
    signal: stopSignal(),
  })
  await writeSummary(folder, { recipe, done })
  const report = await writeReport(folder)
  process.stderr.write(`report: ${report}\n`)
}

/** What flags override in a recipe, as `path=value`. */
export function overridesOf({ set = [], seed, threads }: RunFlags): string[] {
  const given = Object.entries({ seed, threads }).filter(([, value]) => value !== undefined)
  return [...set, ...given.map(([field, value]) => `${field}=${value}`)]
}

function checkKind(recipe: Recipe, { path, only }: { path: string; only: Stage['stage'] }): void {
  const other = recipe.stages.find(({ stage }) => stage !== only)
  if (other)
    throw new UserError(`${path}: stage '${other.name}' is a '${other.stage}'; use \`attune run ${path}\``)
}

/** Aborts at the first Ctrl-C (or SIGTERM), so that the stage saves and ends; a second one ends at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
    process.stderr.write('\nstopping after this step (again to stop at once)\n')
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}
