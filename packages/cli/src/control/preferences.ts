import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Clip,
  clipDrawings,
  constantLabelRate,
  disagreementPairs,
  evennessScore,
  goneMessage,
  hyperbolicLabelRate,
  inverseQuadraticLabelRate,
  type LabelRate,
  labelSchedule,
  makeEnvironment,
  type PreferenceGatherer,
  type PreferenceRecord,
  ppoLearner,
  preferenceComparisons,
  type RecordedRollout,
  randomPairs,
  readLabels,
  rewardLearner,
  rewardNetwork,
  simulatedGatherer,
  trueReturn,
} from '@attune/control'
import { newId, simulatedAnnotator } from '@attune/feedback'
import { fileError, writeFileAtomic } from '@attune/lm'
import { stringify } from 'yaml'
import { UserError } from '../errors.ts'
import { Interrupted } from '../run/context.ts'
import { appendRow, truncateLog } from '../run/jsonl.ts'
import { lockRun } from '../run/lock.ts'
import { progress } from '../view/progress.ts'
import { restoreControl, saveControl } from './checkpoint.ts'
import { type ClipFolder, clipFolder, clipJudgments, type Label } from './label/clip-folder.ts'
import { folderGatherer } from './label/folder-gatherer.ts'
import type { PreferenceRecipe } from './preference-recipe.ts'
import { deskOf, studioFile } from './studio/run-desk.ts'
import { studioGatherer } from './studio/studio-gatherer.ts'
import { type ControlRunOptions, controlRun, finish, ppoOptions } from './train.ts'

const rates: Readonly<Record<PreferenceRecipe['label_rate'], LabelRate>> = {
  constant: constantLabelRate,
  hyperbolic: hyperbolicLabelRate,
  'inverse-quadratic': inverseQuadraticLabelRate,
}

const scores: Readonly<Record<string, (clip: Clip) => number>> = {
  return: trueReturn,
  evenness: evennessScore,
}

/** Trains a policy on comparisons of clips; labels stay in the run's folder. Returns the folder. */
export async function trainOnPreferences(
  recipe: PreferenceRecipe,
  options: ControlRunOptions,
): Promise<string> {
  const folder = join(options.runs, recipe.name)
  await prepare(folder, options.resume)
  const release = await lockRun(folder)
  try {
    await writeFileAtomic(join(folder, 'recipe.yaml'), [stringify(recipe)])
    await follow(recipe, { ...options, folder })
    return folder
  } finally {
    await release()
  }
}

/** Makes the folder; what an earlier run left goes, unless a person's labels are there. */
async function prepare(folder: string, resume: boolean): Promise<void> {
  const clips = await clipFolder(folder)
  if (resume) return
  const people = (await clips.labels()).filter(({ annotator }) => annotator.source === 'person')
  if (people.length > 0)
    throw new UserError(
      `${folder} holds ${people.length} labels of people: go on with them by --resume, or give the recipe another name`,
    )
  const project = await studioFile(folder)
  if (project)
    throw new UserError(
      `${folder} has asked about its clips in ${project.url}, project ${project.project}: go on with the answers by --resume, or give the recipe another name`,
    )
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'checkpoints'), { recursive: true }).catch((cause) => {
    throw fileError(folder, cause)
  })
}

async function follow(
  recipe: PreferenceRecipe,
  { folder, resume, signal }: ControlRunOptions & { readonly folder: string },
): Promise<void> {
  const clips = await clipFolder(folder)
  const run = await controlRun(recipe)
  const checkpoints = join(folder, 'checkpoints')
  await mkdir(checkpoints, { recursive: true })
  const restored = resume ? await restoreControl(checkpoints, run) : undefined
  const start = restored?.step ?? 0
  const log = join(folder, 'metrics.jsonl')
  await truncateLog(log, start)
  const { iterations } = ppoOptions(recipe)
  const view = progress(recipe.environment, {
    steps: iterations,
    start,
    watch: ['rollout/ep_rew_mean', 'reward/accuracy', 'labels/given', 'labels/waiting'],
  })
  try {
    const earlier = resume ? await clips.labels() : []
    const observations = restored?.observations
    const records = loopOf(recipe, { run: { ...run, observations }, clips, earlier, start, signal })
    let last: Readonly<Record<string, number>> = {}
    for await (const { step: done, metrics, judgments } of await records) {
      last = metrics
      const step = start + done
      // a page of its own writes them itself; the studio keeps them too
      if (recipe.annotator.kind !== 'person')
        for (const judgment of judgments) await clips.label(judgment as Label)
      await appendRow(log, { step, ...metrics })
      view.update(step, metrics)
      const stopping = signal.aborted && step < iterations
      if (stopping || step % recipe.save_iterations === 0 || step === iterations)
        await saveControl(checkpoints, step, run)
      if (stopping) throw new Interrupted(`stopped after iteration ${step}; go on with --resume`)
    }
    view.done(labelSummary(last))
    await finish(recipe, run.policy, folder)
  } finally {
    await run.environments.close()
  }
}

interface Loop {
  readonly run: Parameters<typeof ppoLearner>[0]
  readonly clips: ClipFolder
  readonly earlier: readonly Label[]
  readonly start: number
  readonly signal: AbortSignal
}

/** The roles that a recipe names, in the method's loop. */
async function loopOf(
  recipe: PreferenceRecipe,
  { run, clips, earlier, start, signal }: Loop,
): Promise<AsyncGenerator<PreferenceRecord>> {
  const { reward_model: numbers, seed } = recipe
  const options = { ...ppoOptions(recipe), start }
  const rewards = rewardLearner(run.environments, rewardNetwork(run.environments, numbers), {
    seed,
    length: recipe.clip_steps,
    learningRate: numbers.learning_rate,
    batchSize: numbers.batch_size,
    firstUpdates: numbers.first_updates,
    updates: numbers.updates,
    lapse: numbers.lapse,
    weightDecay: numbers.weight_decay,
  })
  const known = earlier.length > 0 ? await clips.clips() : []
  warnOfGone(earlier, known, clips.path)
  const people = recipe.annotator.kind !== 'simulated'
  const cutting = { seed, length: recipe.clip_steps, factor: recipe.candidate_factor }
  const rollouts: RecordedRollout[] = []
  const schedule = labelSchedule(recipe.labels, {
    iterations: options.iterations,
    first: recipe.first_share,
    rate: rates[recipe.label_rate],
  }).slice(start)
  return preferenceComparisons(
    {
      // people's answers come when they come: what is done after --resume is not what was done before, and has other names
      policy: ppoLearner(run, options, {
        source: people ? `seed${seed}-${newId().slice(-6)}` : `seed${seed}`,
        replay: people,
      }),
      fragmenter: recipe.selection === 'random' ? randomPairs(cutting) : disagreementPairs(rewards, cutting),
      gatherer: await gathererOf(recipe, { clips, earlier, rollouts, signal }),
      rewards,
      keep: async (_, recent) => {
        rollouts.splice(0, rollouts.length, ...recent)
      },
    },
    {
      schedule,
      firstLabels: recipe.first_labels,
      recent: recipe.recent_rollouts,
      labels: clipJudgments(earlier),
      clips: known,
    },
  )
}

function warnOfGone(labels: readonly Label[], clips: readonly Clip[], place: string): void {
  const byId = new Map(clips.map((clip) => [clip.id, clip]))
  const { gone } = readLabels(clipJudgments(labels), (id) => byId.get(id))
  if (gone.length > 0) process.stderr.write(`${goneMessage(gone, place)}\n`)
}

/** What became of the labels, for a run's last line. */
function labelSummary(metrics: Readonly<Record<string, number>>): string {
  const count = (name: string) => metrics[`labels/${name}`] ?? 0
  const parts = [
    `${count('given')} labels`,
    count('contradictory') > 0
      ? `${count('contradictory')} pairs answered both ways (all answers count)`
      : '',
    count('gone') > 0 ? `${count('gone')} about clips that are gone (kept, not learnt from)` : '',
  ]
  return parts.filter(Boolean).join(' · ')
}

interface Gathering {
  readonly clips: ClipFolder
  readonly earlier: readonly Label[]
  readonly rollouts: readonly RecordedRollout[]
  readonly signal: AbortSignal
}

async function gathererOf(
  recipe: PreferenceRecipe,
  { clips, earlier, rollouts, signal }: Gathering,
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
      taken: earlier.length,
      onWait: (missing) => {
        if (told === undefined) tell(`waiting for ${missing} labels: attune control label ${clips.path}`)
      },
    })
  const desk = await deskOf({ name: recipe.name, annotator, folder: clips.path })
  const place = `${annotator.url}/projects/${desk.project}/label`
  return studioGatherer(desk, {
    ...common,
    folder: clips,
    earlier: clipJudgments(earlier),
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
