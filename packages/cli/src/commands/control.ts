import { basename } from 'node:path'
import { askedQuestion } from '../control/label/asked-question.ts'
import { clipFolder } from '../control/label/clip-folder.ts'
import { labelServer } from '../control/label/server.ts'
import { playPolicy } from '../control/play.ts'
import { loadPreferenceRecipe } from '../control/preference-recipe.ts'
import { trainOnPreferences } from '../control/preferences.ts'
import { loadControlRecipe } from '../control/recipe.ts'
import { loadTamerRecipe } from '../control/tamer/recipe.ts'
import { trainTamer } from '../control/tamer/train.ts'
import { trainControl } from '../control/train.ts'
import { UserError } from '../errors.ts'
import { overridesOf, type RunFlags, stopSignal } from './run.ts'

/** `attune control train <recipe>`: a policy on its environment's own reward. */
export async function trainCommand(path: string, flags: RunFlags): Promise<void> {
  const recipe = await loadControlRecipe(path, overridesOf(flags))
  await trainControl(recipe, { runs: flags.runs, resume: flags.resume ?? false, signal: stopSignal() })
}

/** `attune control preferences <recipe>`: a policy on comparisons of clips. */
export async function preferencesCommand(path: string, flags: RunFlags): Promise<void> {
  const recipe = await loadPreferenceRecipe(path, overridesOf(flags))
  await trainOnPreferences(recipe, {
    runs: flags.runs,
    resume: flags.resume ?? false,
    signal: stopSignal(),
  })
}

/** Options of `attune control label`. */
export interface LabelFlags {
  readonly port: string
  readonly name: string
  /** Instead of the recipe's. */
  readonly question?: string
}

/** `attune control label <run>`: the page that asks which of two clips is better, until Ctrl-C. */
export async function labelCommand(folder: string, flags: LabelFlags): Promise<void> {
  const port = portOf(flags.port)
  const asked = await askedQuestion(folder)
  const { url } = await labelServer(await clipFolder(folder), {
    annotator: { id: flags.name, source: 'person' },
    question: flags.question ?? asked,
    port,
  })
  process.stderr.write(
    `${basename(folder)}: open ${url} (Ctrl-C ends; labels are in ${folder}/labels.jsonl)\n`,
  )
  const signal = stopSignal()
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  process.exit(0)
}

/** Options of `attune control play`. */
export interface PlayFlags {
  readonly episodes: string
  readonly seed: string
  readonly draw?: boolean
  readonly strip?: string
  readonly animation?: string
  readonly frames: string
  readonly every?: string
  readonly stepsPerSecond: string
}

/** `attune control play <policy>`: episodes of a saved policy, and pictures of the first. */
export async function playCommand(folder: string, flags: PlayFlags): Promise<void> {
  await playPolicy(folder, {
    episodes: wholeNumber('--episodes', flags.episodes),
    seed: wholeNumber('--seed', flags.seed, { least: 0 }),
    draw: flags.draw ?? false,
    pictures: {
      strip: flags.strip,
      animation: flags.animation,
      frames: wholeNumber('--frames', flags.frames),
      every: flags.every === undefined ? undefined : wholeNumber('--every', flags.every),
      stepsPerSecond: wholeNumber('--steps-per-second', flags.stepsPerSecond),
    },
  })
}

function wholeNumber(option: string, text: string, { least = 1 } = {}): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isInteger(number) || number < least)
    throw new UserError(`${option} ${text}: expected a whole number from ${least}`)
  return number
}

/** Options of `attune control tamer`. */
export interface TamerFlags extends RunFlags {
  readonly port: string
  readonly refit?: boolean
}

/** `attune control tamer <recipe>`: an agent shaped by the signals of a person at a page, or of a simulation. */
export async function tamerCommand(path: string, flags: TamerFlags): Promise<void> {
  const recipe = await loadTamerRecipe(path, overridesOf(flags))
  await trainTamer(recipe, {
    runs: flags.runs,
    resume: flags.resume ?? false,
    refit: flags.refit ?? false,
    signal: stopSignal(),
    port: portOf(flags.port),
    onPage: (url) =>
      process.stderr.write(
        `${recipe.name}: open ${url} (“Save and end” there, or Ctrl-C here; signals are in ${flags.runs}/${recipe.name}/signals.jsonl)\n`,
      ),
  })
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UserError(`--port ${text}: expected a whole number from 0 to 65535`)
  return port
}
