import { join } from 'node:path'
import { type Model, saveModel } from '@attune/lm'
import {
  batchIndices,
  nashMd,
  type OnlineOptions,
  type OnlineRun,
  onlineDpo,
  type StepRecord,
  xpo,
} from '@attune/rlhf'
import { pairLossOf } from '../recipe/pair-loss.ts'
import type { OnlineStage } from '../recipe/schema.ts'
import { readAsked } from '../rewards/asked.ts'
import { monitoredReward } from '../rewards/gold-monitor.ts'
import { recipeReward } from '../rewards/rewards.ts'
import type { StageContext } from '../run/context.ts'
import { train } from '../run/train.ts'
import { loadReference, loadTrainable } from './adapt.ts'
import { recipeOptimizer } from './optimiser.ts'
import { endOfText } from './rows.ts'

/** Online DPO, XPO or Nash-MD: the policy's own completions are compared as it learns. */
export async function onlineStageRun(
  stage: OnlineStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const { seed } = context
  const policy = await loadTrainable(stage, context)
  const asked = await readAsked(stage.prompts, policy, stage.max_new_tokens)
  const judge = await recipeReward(stage.rewards, { policy, asked, context })
  const monitored = monitoredReward(judge.reward, { policy, gold: stage.monitor })
  const optimizer = recipeOptimizer(stage, stage.steps)
  const run = {
    policy: { ...policy, optimizer },
    reference: await loadReference(stage, { policy, context }),
    reward: monitored.reward,
    opponentReward: judge.unobserved,
    prompts: (step: number) =>
      batchIndices(asked.length, { batch: stage.batch_size, step, seed }).map((index) => asked[index]!.ids),
  }
  const metrics = await train(context, {
    state: { models: { model: { model: policy, optimizer } }, numbers: () => ({}), restoreNumbers: () => {} },
    steps: stage.steps,
    saveSteps: stage.save_steps,
    stopWhen: stage.stop_when,
    watch: ['objective/scores', 'objective/kl', 'gold/score', 'completions/mean_length'],
    observe: () => ({ ...judge.observe(), ...monitored.observe() }),
    tokenizer: policy.tokenizer,
    start: (start) => recordsOf(stage, { run, options: { ...numbersOf(stage, { policy, context }), start } }),
  })
  await judge.dispose()
  await saveModel(join(context.folder, 'model'), policy)
  return { kl: metrics['objective/kl'], score: metrics['objective/scores'] }
}

function numbersOf(
  stage: OnlineStage,
  { policy, context }: { policy: Model; context: StageContext },
): OnlineOptions {
  return {
    steps: stage.steps,
    maxNewTokens: stage.max_new_tokens,
    temperature: stage.temperature,
    endOfText: endOfText(policy),
    missingEosPenalty: stage.missing_eos_penalty,
    microBatchSize: stage.micro_batch_size ?? stage.batch_size,
    beta: stage.method.kind === 'nash_md' ? stage.method.beta : stage.method.loss.beta,
    seed: context.seed,
    device: context.device,
  }
}

function recordsOf(
  { method }: OnlineStage,
  { run, options }: { run: Omit<OnlineRun, 'loss'>; options: OnlineOptions },
): AsyncGenerator<StepRecord> {
  switch (method.kind) {
    case 'online_dpo':
      return onlineDpo({ ...run, loss: pairLossOf(method.loss) }, options)
    case 'xpo':
      return xpo({ ...run, loss: pairLossOf(method.loss) }, { ...options, alpha: method.alpha })
    case 'nash_md':
      return nashMd(run, { ...options, mixtureCoefficient: method.mixture_coefficient })
  }
}
