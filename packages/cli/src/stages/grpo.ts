import { join } from 'node:path'
import { saveModel } from '@attune/lm'
import { batchIndices, type GrpoRun, grpo } from '@attune/rlhf'
import { policyGradientOf } from '../recipe/policy-gradient.ts'
import type { GrpoStage } from '../recipe/schema.ts'
import { readAsked } from '../rewards/asked.ts'
import { monitoredReward } from '../rewards/gold-monitor.ts'
import { recipeReward } from '../rewards/rewards.ts'
import type { StageContext } from '../run/context.ts'
import { train } from '../run/train.ts'
import { loadReference, loadTrainable } from './adapt.ts'
import { recipeOptimizer } from './optimiser.ts'
import { endOfText } from './rows.ts'

/** Critic-free policy optimisation: groups of completions are compared with one another. */
export async function grpoStageRun(
  stage: GrpoStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const { seed, device } = context
  const policy = await loadTrainable(stage, context)
  const asked = await readAsked(stage.prompts, policy, stage.max_new_tokens)
  const judge = await recipeReward(stage.rewards, { policy, asked, context })
  const monitored = monitoredReward(judge.reward, { policy, gold: stage.monitor })
  const optimizer = recipeOptimizer(stage, stage.steps * stage.iterations * stage.minibatches)
  const { rewardKlCoefficient, ...algorithm } = policyGradientOf(stage, {
    maxNewTokens: stage.max_new_tokens,
  })
  const run: GrpoRun = {
    ...algorithm,
    policy: { ...policy, optimizer },
    ...(stage.kl.coefficient > 0 ? { reference: await loadReference(stage, { policy, context }) } : {}),
    reward: monitored.reward,
    prompts: (step, round) =>
      batchIndices(asked.length, {
        batch: stage.batch_size,
        step: step * stage.sampling_rounds + round,
        seed,
      }).map((index) => asked[index]!.ids),
  }
  const metrics = await train(context, {
    state: { models: { model: { model: policy, optimizer } }, numbers: () => ({}), restoreNumbers: () => {} },
    steps: stage.steps,
    saveSteps: stage.save_steps,
    stopWhen: stage.stop_when,
    watch: ['reward', 'kl', 'gold/score', 'frac_reward_zero_std', 'completions/mean_length'],
    observe: () => ({ ...judge.observe(), ...monitored.observe() }),
    tokenizer: policy.tokenizer,
    start: (start) =>
      grpo(run, {
        steps: stage.steps,
        maxNewTokens: stage.max_new_tokens,
        temperature: stage.temperature,
        endOfText: endOfText(policy),
        groupSize: stage.group_size,
        iterations: stage.iterations,
        minibatches: stage.minibatches,
        microBatchSize: stage.micro_batch_size ?? stage.batch_size * stage.group_size,
        maskTruncated: stage.mask_truncated,
        samplingRounds: stage.sampling_rounds,
        rewardKlCoefficient,
        seed,
        device,
        start,
      }),
  })
  await judge.dispose()
  await saveModel(join(context.folder, 'model'), policy)
  return { reward: metrics.reward, kl: metrics.kl }
}
