import { playPolicy } from '../control/play.ts'
import { loadControlRecipe } from '../control/recipe.ts'
import { trainControl } from '../control/train.ts'
import { UserError } from '../errors.ts'
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

/** Options of `attune control play`. */
export interface PlayFlags {
  readonly episodes: string
  readonly seed: string
  readonly draw?: boolean
  readonly strip?: string
  readonly frames: string
  readonly every?: string
}

/** `attune control play <policy>`: episodes of a saved policy, and pictures of the first. */
export async function playCommand(folder: string, flags: PlayFlags): Promise<void> {
  await playPolicy(folder, {
    episodes: wholeNumber('--episodes', flags.episodes),
    seed: Number(flags.seed),
    draw: flags.draw ?? false,
    strip: flags.strip,
    frames: wholeNumber('--frames', flags.frames),
    every: flags.every === undefined ? undefined : wholeNumber('--every', flags.every),
  })
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1)
    throw new UserError(`${option} ${text}: expected a whole number from 1`)
  return number
}
