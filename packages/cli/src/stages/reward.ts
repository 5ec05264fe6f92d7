import { join } from 'node:path'
import { mean, standardDeviation } from '@attune/feedback'
import { type Device, randomKey } from '@attune/grad'
import { loadModel, type Model, normalArray, saveModel, writeFileAtomic } from '@attune/lm'
import { modelReward, normalisedReward, type Reward, rewardHead, rewardModel } from '@attune/rlhf'
import type { RewardStage } from '../recipe/schema.ts'
import { dataPaths, type StageContext } from '../run/context.ts'
import { train } from '../run/train.ts'
import { loadTrainable } from './adapt.ts'
import { type JudgedPrompt, readJudgments } from './comparisons.ts'
import { splitHeldOut } from './held-out.ts'
import { heldOutReport, scoreAll, scoresBefore } from './held-out-judgments.ts'
import { recipeOptimizer } from './optimiser.ts'

/** Prompts whose completions say where the reward's mean and deviation are. */
const normalisingPrompts = 200

/** Trains a reward model, measures it on held-out prompts and normalises it on the sampled completions. */
export async function rewardStageRun(
  stage: RewardStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const base = await loadTrainable(stage, context, { task_type: 'SEQ_CLS', modules_to_save: [rewardHead] })
  const { training, heldOut } = await readComparisons(stage, { model: base, context })
  const seed = stage.seed ?? context.seed
  const model = withRewardHead(base, seed)
  const scored = async (judgments: readonly JudgedPrompt[]) => {
    const scorer = modelReward(model, {
      device: context.device,
      ...(stage.packed_length
        ? { packedLength: stage.packed_length, batchSize: stage.micro_batch_size ?? stage.batch_size }
        : {}),
    })
    const scores = await scoreAll(scorer, judgments)
    await scorer.dispose()
    return scores
  }
  const before = heldOut.length > 0 ? await scoresBefore(context, () => scored(heldOut)) : []
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
  const scores = (await scored(training.slice(0, normalisingPrompts))).flat()
  const config = {
    ...model.config,
    reward_mean: mean(scores),
    reward_deviation: standardDeviation(scores),
  }
  await saveModel(join(context.folder, 'model'), { ...model, config })
  const report =
    heldOut.length === 0
      ? undefined
      : heldOutReport(heldOut, { before, after: await scored(heldOut), tokenizer: model.tokenizer })
  await writeFileAtomic(join(context.folder, 'held-out.json'), [JSON.stringify(report ?? {}, null, 2)])
  const { samples: _samples, mistakes: _mistakes, ...numbers } = report ?? {}
  return { ...numbers, rewardMean: config.reward_mean, rewardDeviation: config.reward_deviation }
}

/** Comparisons to train on, and those of `test:` or of held-out prompts. */
async function readComparisons(
  stage: RewardStage,
  { model, context }: { model: Model; context: StageContext },
): Promise<{ training: JudgedPrompt[]; heldOut: JudgedPrompt[] }> {
  const { seed } = context
  const read = async (field: 'comparisons' | 'test') =>
    readJudgments(await dataPaths(stage[field]!, { ...context, field: `${stage.name}.${field}` }), {
      ...stage,
      model,
      seed,
    })
  if (!stage.test) return splitHeldOut(await read('comparisons'), { share: stage.held_out, seed })
  const { training } = splitHeldOut(await read('comparisons'), { share: 0, seed })
  return { training, heldOut: await read('test') }
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
