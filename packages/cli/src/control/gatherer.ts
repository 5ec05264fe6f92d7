import {
  type Clip,
  type ClipJudgment,
  clipDrawings,
  evennessScore,
  makeEnvironment,
  type PreferenceGatherer,
  type RecordedRollout,
  simulatedGatherer,
  trueReturn,
} from '@attune/control'
import { simulatedAnnotator } from '@attune/feedback'
import type { ClipFolder } from './label/clip-folder.ts'
import { folderGatherer } from './label/folder-gatherer.ts'
import type { PreferenceRecipe } from './preference-recipe.ts'
import { deskOf } from './studio/run-desk.ts'
import { studioGatherer } from './studio/studio-gatherer.ts'

const scores: Readonly<Record<string, (clip: Clip) => number>> = {
  return: trueReturn,
  evenness: evennessScore,
}

/** What a gatherer needs of its run. */
export interface Gathering {
  readonly clips: ClipFolder
  /** Judgments that were taken in before, and lines of the labels' file that they take. */
  readonly earlier: readonly ClipJudgment[]
  readonly taken: number
  readonly rollouts: readonly RecordedRollout[]
  readonly signal: AbortSignal
}

/** Whoever answers, as the recipe names them: a simulation, a person at a page of our own, or the annotators of a studio. */
export async function gathererOf(
  recipe: PreferenceRecipe,
  { clips, earlier, taken, rollouts, signal }: Gathering,
): Promise<PreferenceGatherer> {
  const { annotator, seed } = recipe
  if (annotator.kind === 'simulated') {
    const { temperature, lapse_rate: lapseRate } = annotator
    const oracle = simulatedAnnotator('oracle', { temperature, lapseRate })
    const gatherer = simulatedGatherer(oracle, { seed, score: scores[annotator.score]! })
    return {
      ...gatherer,
      ask: async (pairs) => {
        for (const pair of pairs) await clips.ask(pair, [unseen(pair[0]), unseen(pair[1])])
        await gatherer.ask(pairs)
      },
    }
  }
  const common = { show: await showing(recipe, rollouts), signal, mostWaiting: annotator.most_waiting }
  let told: string | undefined
  const tell = (text: string) => {
    if (told !== text) process.stderr.write(`${text}\n`)
    told = text
  }
  if (annotator.kind === 'person')
    return folderGatherer(clips, {
      ...common,
      taken,
      onWait: (missing) => {
        if (told === undefined) tell(`waiting for ${missing} labels: attune control label ${clips.path}`)
      },
    })
  const desk = await deskOf({ name: recipe.name, annotator, folder: clips.path })
  const place = `${annotator.url}/projects/${desk.project}/label`
  return studioGatherer(desk, {
    ...common,
    folder: clips,
    earlier,
    onWait: (_, away) => tell(away ? `${away}; pairs and answers wait` : `waiting for answers: ${place}`),
  })
}

/** Draws clips by playing their rollouts again. */
async function showing(
  { environment, max_steps, steps_per_second }: PreferenceRecipe,
  rollouts: readonly RecordedRollout[],
) {
  const stage = await makeEnvironment(environment, { maxSteps: max_steps })
  return (clip: Clip) => {
    const recorded = rollouts.find(({ source }) => source === clip.from.source)
    if (!recorded) throw new Error(`clip ${clip.id}: its rollout is gone before it was drawn`)
    return { id: clip.id, framesPerSecond: steps_per_second, frames: clipDrawings(stage, recorded, clip) }
  }
}

/** A clip that only a simulation looks at. */
function unseen({ id }: Clip) {
  return { id, framesPerSecond: 1, frames: [] }
}
