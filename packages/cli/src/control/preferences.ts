import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Clip,
  type ClipJudgment,
  constantLabelRate,
  type Demonstrations,
  disagreementPairs,
  goneMessage,
  hyperbolicLabelRate,
  inverseQuadraticLabelRate,
  type LabelRate,
  labelSchedule,
  type PreferenceRecord,
  type PreferenceState,
  preferenceComparisons,
  type RecordedRollout,
  type RewardLearner,
  randomPairs,
  readLabels,
  rewardLearner,
  rewardNetwork,
  spaceSize,
  stateEntropyReward,
} from '@attune/control'
import { newId } from '@attune/feedback'
import { fileError, writeFileAtomic } from '@attune/lm'
import { stringify } from 'yaml'
import { Interrupted } from '../run/context.ts'
import { appendRow, truncateLog } from '../run/jsonl.ts'
import { lockRun } from '../run/lock.ts'
import { setRunAside } from '../run/set-aside.ts'
import { progress } from '../view/progress.ts'
import type { Agent } from './agents/agent.ts'
import { newestCheckpoint, saveControl } from './agents/checkpoint.ts'
import { makeAgent } from './agents/make.ts'
import { demonstrated, demonstrationsOf, keepDemonstrator, keptDemonstrator } from './demonstrator.ts'
import { earlierLabels } from './earlier-labels.ts'
import { gathererOf } from './gatherer.ts'
import { type ClipFolder, clipFolder, type Label } from './label/clip-folder.ts'
import { type PreferenceRecipe, pretrainingIterations } from './preference-recipe.ts'
import { type PreferenceStand, readPreferences, writePreferences } from './preference-state.ts'
import { iterationsOf } from './recipe.ts'
import { checkSameRecipe } from './same-recipe.ts'
import { checkNothingOfPeople } from './start-anew.ts'
import { type ControlRunOptions, finish } from './train.ts'

const rates: Readonly<Record<PreferenceRecipe['label_rate'], LabelRate>> = {
  constant: constantLabelRate,
  hyperbolic: hyperbolicLabelRate,
  'inverse-quadratic': inverseQuadraticLabelRate,
}

/** Trains a policy on comparisons of clips; labels stay in the run's folder. Returns the folder. */
export async function trainOnPreferences(
  recipe: PreferenceRecipe,
  options: ControlRunOptions,
): Promise<string> {
  const folder = join(options.runs, recipe.name)
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw fileError(folder, cause)
  })
  const release = await lockRun(folder)
  try {
    await (options.resume ? checkSameRecipe(folder, recipe) : checkNothingOfPeople(folder))
    const shown = await demonstrationsOf(recipe, options.resume ? keptDemonstrator(folder) : undefined)
    const agent = await makeAgent(recipe, { naming: namingOf(recipe), shown })
    try {
      if (!options.resume) await setRunAside(folder)
      await keepDemonstrator(recipe, folder)
      await writeFileAtomic(join(folder, 'recipe.yaml'), [stringify(recipe)])
      await follow(recipe, { ...options, folder, agent, shown })
    } finally {
      await agent.environments.close()
    }
    return folder
  } finally {
    await release()
  }
}

type Follow = ControlRunOptions & {
  readonly folder: string
  readonly agent: Agent
  readonly shown: Demonstrations | undefined
}

async function follow(
  recipe: PreferenceRecipe,
  { folder, resume, signal, agent, shown }: Follow,
): Promise<void> {
  const checkpoints = join(folder, 'checkpoints')
  await mkdir(checkpoints, { recursive: true })
  const clips = await clipFolder(folder)
  const iterations = iterationsOf(recipe)
  const rewards = rewardsOf(recipe, agent)
  try {
    const newest = resume ? await newestCheckpoint(checkpoints) : undefined
    await (newest ? agent.restore(newest.path) : agent.imitate?.())
    const stand = newest && (await readPreferences(newest.path, rewards))
    const start = stand?.iteration ?? 0
    const log = join(folder, 'metrics.jsonl')
    await truncateLog(log, start)
    const view = progress(recipe.environment, {
      steps: iterations,
      start,
      watch: ['rollout/ep_rew_mean', 'reward/accuracy', 'labels/given', 'labels/waiting'],
    })
    const { learnt, taken } = resume ? await earlierLabels(recipe, clips, stand) : { learnt: [], taken: 0 }
    let judged = learnt.length
    let last: Readonly<Record<string, number>> = {}
    const records = await loopOf(recipe, {
      agent,
      rewards,
      shown,
      clips,
      earlier: learnt,
      taken,
      stand,
      signal,
    })
    for await (const { step, metrics, judgments, state } of records) {
      judged += judgments.length
      last = metrics
      // a page of its own writes them itself; the studio keeps them too
      if (recipe.annotator.kind !== 'person')
        for (const judgment of judgments) await clips.label(judgment as Label)
      await appendRow(log, { step, ...metrics })
      view.update(step, metrics)
      const stopping = signal.aborted && step < iterations
      const loop = {
        save: (to: string) => writePreferences(to, rewards, { ...state, judgments: judged }),
      }
      if (stopping || step % recipe.save_iterations === 0 || step === iterations)
        await saveControl(checkpoints, step, [agent, loop])
      if (stopping) throw new Interrupted(`stopped after iteration ${step}; go on with --resume`)
    }
    view.done(labelSummary(last))
    await finish(recipe, agent.policy(), folder)
  } finally {
    await rewards.dispose()
  }
}

/**
 * How clips are named. People answer at their own pace, so that a run that goes on is not the run that would have been: its
 * clips get new names, lest an earlier label be about another clip.
 */
function namingOf({ annotator, seed }: PreferenceRecipe) {
  return annotator.kind === 'simulated'
    ? { source: `seed${seed}`, drawable: false }
    : { source: `seed${seed}-${newId().slice(-6)}`, drawable: true }
}

function rewardsOf(recipe: PreferenceRecipe, { environments }: Agent): RewardLearner {
  const { reward_model: numbers } = recipe
  return rewardLearner(environments, rewardNetwork(environments, numbers), {
    seed: recipe.seed,
    length: recipe.clip_steps,
    learningRate: numbers.learning_rate,
    batchSize: numbers.batch_size,
    firstUpdates: numbers.first_updates,
    updates: numbers.updates,
    lapse: numbers.lapse,
    weightDecay: numbers.weight_decay,
  })
}

interface Loop {
  readonly agent: Agent
  readonly rewards: RewardLearner
  readonly shown: Demonstrations | undefined
  readonly clips: ClipFolder
  /** Labels that were taken in before, and lines of the labels' file that they take. */
  readonly earlier: readonly ClipJudgment[]
  readonly taken: number
  readonly stand: PreferenceStand | undefined
  readonly signal: AbortSignal
}

/** The roles that a recipe names, in the method's loop. */
async function loopOf(
  recipe: PreferenceRecipe,
  { agent, rewards, shown, clips, earlier, taken, stand, signal }: Loop,
): Promise<AsyncGenerator<PreferenceRecord>> {
  const known = [...(shown?.clips ?? []), ...(await clips.clips())]
  const { observationSpace } = agent.environments
  warnOfGone(earlier, known, clips.path)
  const cutting = { seed: recipe.seed, length: recipe.clip_steps, factor: recipe.candidate_factor }
  const rollouts: RecordedRollout[] = []
  const gatherer = await gathererOf(recipe, { clips, earlier, taken, rollouts, signal })
  return preferenceComparisons(
    {
      policy: agent.learner(stand?.iteration ?? 0),
      fragmenter: recipe.selection === 'random' ? randomPairs(cutting) : disagreementPairs(rewards, cutting),
      gatherer: demonstrated(recipe, gatherer, { shown, clips }),
      rewards,
      ...(recipe.pretraining_steps > 0 && { beforeLabels: stateEntropyReward(spaceSize(observationSpace)) }),
      keep: async (_, recent) => {
        rollouts.splice(0, rollouts.length, ...recent)
      },
    },
    {
      schedule: scheduleOf(recipe),
      firstLabels: recipe.first_labels,
      recent: recipe.recent_rollouts,
      labels: earlier,
      clips: known,
      from: await goingOn(recipe, clips, stand),
    },
  )
}

/** Where the loop goes on: pairs that people were asked about after the checkpoint are not due again. */
async function goingOn(
  recipe: PreferenceRecipe,
  clips: ClipFolder,
  stand: PreferenceStand | undefined,
): Promise<PreferenceState> {
  const { iteration, owed, rollouts } = stand ?? { iteration: 0, owed: 0, rollouts: [] }
  if (recipe.annotator.kind === 'simulated') return { iteration, owed, rollouts }
  const asked = new Set((await clips.queries()).map(({ item }) => item)).size
  const due = scheduleOf(recipe).slice(0, iteration)
  const counted = due.reduce((total, labels) => total + labels, 0) - owed
  return { iteration, owed: owed - Math.max(asked - counted, 0), rollouts }
}

/** Labels to ask for at each iteration: none while the policy explores. */
function scheduleOf(recipe: PreferenceRecipe): number[] {
  const pretraining = pretrainingIterations(recipe)
  const asking = labelSchedule(recipe.labels, {
    iterations: iterationsOf(recipe) - pretraining,
    first: recipe.first_share,
    rate: rates[recipe.label_rate]!,
  })
  return [...Array<number>(pretraining).fill(0), ...asking]
}

function warnOfGone(judgments: readonly ClipJudgment[], clips: readonly Clip[], place: string): void {
  const byId = new Map(clips.map((clip) => [clip.id, clip]))
  const { gone } = readLabels(judgments, (id) => byId.get(id))
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
