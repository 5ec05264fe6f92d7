import { join } from 'node:path'
import { calibration, mean, standardDeviation } from '@attune/feedback'
import { type Device, randomKey } from '@attune/grad'
import { loadModel, type Model, normalArray, saveModel, writeFileAtomic } from '@attune/lm'
import { modelReward, normalisedReward, type Reward, rewardHead, rewardModel } from '@attune/rlhf'
import type { RewardStage } from '../recipe/schema.ts'
import { dataPaths, type StageContext } from '../run/context.ts'
import { train } from '../run/train.ts'
import { loadTrainable } from './adapt.ts'
import { allowedAccuracy, type JudgedPrompt, readJudgments } from './comparisons.ts'
import { splitHeldOut } from './held-out.ts'
import { recipeOptimizer } from './optimiser.ts'

/** Prompts whose completions say where the reward's mean and deviation are. */
const normalisingPrompts = 200

/** Trains a reward model, measures it on held-out prompts and normalises it on the sampled completions. */
export async function rewardStageRun(
  stage: RewardStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const base = await loadTrainable(stage, context, { task_type: 'SEQ_CLS', modules_to_save: [rewardHead] })
  const source = await dataPaths(stage.comparisons, { ...context, field: `${stage.name}.comparisons` })
  const judgments = await readJudgments(source, { ...stage, model: base, seed: context.seed })
  const share = stage.test ? 0 : stage.held_out
  const { training, heldOut: split } = splitHeldOut(judgments, { share, seed: context.seed })
  const heldOut = stage.test
    ? await readJudgments(await dataPaths(stage.test, { ...context, field: `${stage.name}.test` }), {
        ...stage,
        model: base,
        seed: context.seed,
      })
    : split
  const seed = stage.seed ?? context.seed
  const model = withRewardHead(base, seed)
  const optimizer = recipeOptimizer(stage, stage.steps)
  await train(context, {
    state: { models: { model: { model, optimizer } }, numbers: () => ({}), restoreNumbers: () => {} },
    steps: stage.steps,
    saveSteps: stage.save_steps,
    watch: ['accuracy', 'loss', 'margin'],
    start: (start) =>
      rewardModel({ ...model, optimizer }, training, {
        batchSize: stage.batch_size,
        microBatchSize: stage.micro_batch_size ?? stage.batch_size,
        packedLength: stage.packed_length,
        centring: stage.center_rewards_coefficient,
        steps: stage.steps,
        seed,
        device: context.device,
        start,
      }),
  })
  const scorer = modelReward(model, {
    device: context.device,
    ...(stage.packed_length
      ? { packedLength: stage.packed_length, batchSize: stage.micro_batch_size ?? stage.batch_size }
      : {}),
  })
  const scores = await scoreAll(scorer, training.slice(0, normalisingPrompts))
  const config = {
    ...model.config,
    reward_mean: mean(scores.flat()),
    reward_deviation: standardDeviation(scores.flat()),
  }
  await saveModel(join(context.folder, 'model'), { ...model, config })
  const report = heldOut.length === 0 ? {} : heldOutReport(heldOut, await scoreAll(scorer, heldOut))
  await scorer.dispose()
  await writeFileAtomic(join(context.folder, 'held-out.json'), [JSON.stringify(report, null, 2)])
  return { ...report, rewardMean: config.reward_mean, rewardDeviation: config.reward_deviation }
}

/** A saved reward model: its logits, and as a reward with mean 0 and deviation 1 on the policy that its comparisons were sampled from. */
export async function loadReward(
  folder: string,
  device: Device,
): Promise<{ model: Model; logits: Reward; reward: Reward; dispose: () => Promise<void> }> {
  const model = await loadModel(folder)
  const { reward_mean: average = 0, reward_deviation: deviation = 1 } = model.config as {
    reward_mean?: number
    reward_deviation?: number
  }
  const scorer = modelReward(model, { device })
  return {
    model,
    logits: scorer,
    reward: normalisedReward(scorer, { mean: average, deviation }),
    dispose: scorer.dispose,
  }
}

/** The language model with a new scalar head, N(0, 1/(d + 1)). */
function withRewardHead(base: Model, seed: number): Model {
  const { width } = base.architecture
  const head = normalArray([1, width], {
    deviation: 1 / Math.sqrt(width + 1),
    random: randomKey(seed, 'reward head'),
  })
  return { ...base, parameters: { ...base.parameters, [`${rewardHead}.weight`]: head } }
}

async function scoreAll(reward: Reward, judgments: readonly JudgedPrompt[]): Promise<number[][]> {
  const flat = await reward(
    judgments.flatMap(({ prompt, completions }) => completions.map((completion) => ({ prompt, completion }))),
  )
  let next = 0
  return judgments.map(({ completions }) => completions.map(() => flat[next++]!))
}

/** Accuracy over all pairs of the held-out judgments, what the noise allows, and calibration of σ(r_w − r_l). */
function heldOutReport(
  judgments: readonly JudgedPrompt[],
  scores: readonly number[][],
): Record<string, unknown> {
  const gapsOf = (row: readonly number[]) =>
    row.flatMap((better, i) => row.slice(i + 1).map((worse) => better - worse))
  const gaps = scores.flatMap(gapsOf)
  const categories = accuracyByCategory(
    judgments.map(({ category }, i) => ({ category, gaps: gapsOf(scores[i]!) })),
  )
  // each pair is seen once from either side, so that the predictions cover all of [0, 1]
  const predicted = gaps.map((gap, i) => 1 / (1 + Math.exp(i % 2 === 0 ? -gap : gap)))
  return {
    rewardAccuracy: accuracyOf(gaps),
    ...(categories.length > 0 ? { accuracyByCategory: categories } : {}),
    allowedAccuracy: allowedAccuracy(judgments),
    pairs: gaps.length,
    calibration: calibration(
      predicted,
      gaps.map((_, i) => i % 2 === 0),
    ),
  }
}

/** Accuracy on the held-out pairs of one category. */
export interface CategoryAccuracy {
  readonly category: string
  readonly accuracy: number
  readonly pairs: number
}

/** Accuracy of every category that the held-out rows name, as RewardBench reports it (Lambert et al. 2024). */
export function accuracyByCategory(
  judged: readonly { readonly category?: string | undefined; readonly gaps: readonly number[] }[],
): CategoryAccuracy[] {
  const names = [...new Set(judged.flatMap(({ category }) => category ?? []))].sort()
  return names.map((category) => {
    const gaps = judged.filter((one) => one.category === category).flatMap((one) => one.gaps)
    return { category, accuracy: accuracyOf(gaps), pairs: gaps.length }
  })
}

/** Share of positive gaps, ties counting ½. */
function accuracyOf(gaps: readonly number[]): number {
  return mean(gaps.map((gap) => (gap > 0 ? 1 : gap === 0 ? 0.5 : 0)))
}
