import { join } from 'node:path'
import { type Model, saveModel } from '@attune/lm'
import {
  adaptiveKl,
  batchIndices,
  clippedSurrogate,
  doublingKl,
  fixedKl,
  type KlController,
  type PpoRun,
  penalisedSurrogate,
  ppo,
  whitenedReward,
} from '@attune/rlhf'
import type { PpoStage } from '../recipe/schema.ts'
import { readAsked } from '../rewards/asked.ts'
import { monitoredReward } from '../rewards/gold-monitor.ts'
import { recipeReward } from '../rewards/rewards.ts'
import type { TrainingState } from '../run/checkpoint.ts'
import { dataPaths, type StageContext, sourcePath } from '../run/context.ts'
import { train } from '../run/train.ts'
import { loadReference, loadTrainable } from './adapt.ts'
import { criticFrom, withoutValueHead, withValueHead } from './critic.ts'
import { recipeOptimizer } from './optimiser.ts'
import { loadReward } from './reward.ts'
import { endOfText, readSequences } from './rows.ts'

/** PPO from a supervised model against a reward model, under a KL penalty to the model it starts from. */
export async function ppoStageRun(stage: PpoStage, context: StageContext): Promise<Record<string, unknown>> {
  const trained = await loadTrainable(stage, context)
  const policy = stage.critic === 'shared' ? withValueHead(trained) : trained
  const reference = await loadReference(stage, { policy, context })
  const rewardPath = await sourcePath(stage.reward, {
    ...context,
    kind: 'model',
    field: `${stage.name}.reward`,
  })
  const rewardModel = await loadReward(rewardPath, context.device)
  const asked = await readAsked(stage.prompts, policy, stage.max_new_tokens)
  const parts = stage.rewards && (await recipeReward(stage.rewards, { policy, asked, context }))
  const updates = stage.steps * stage.epochs * stage.minibatches
  const optimizer = recipeOptimizer(stage, updates)
  const critic =
    stage.critic === 'separate'
      ? {
          model: criticFrom(rewardModel.model, {
            lora: stage.critic_lora,
            path: rewardPath,
            seed: context.seed,
          }),
          optimizer: recipeOptimizer(
            { ...stage, learning_rate: stage.critic_learning_rate ?? stage.learning_rate },
            updates,
          ),
        }
      : undefined
  const kl =
    stage.kl.controller === 'fixed'
      ? fixedKl(stage.kl.coefficient)
      : adaptiveKl({ ...stage.kl, initial: stage.kl.coefficient })
  const penalty =
    stage.surrogate.kind === 'penalty'
      ? doublingKl({ ...stage.surrogate, initial: stage.surrogate.coefficient })
      : undefined
  const score = parts?.reward ?? rewardModel.reward
  const reward = stage.whiten_scores ? whitenedReward(score) : score
  const monitored = monitoredReward(reward, { policy, gold: stage.monitor })
  const run: PpoRun = {
    policy: { ...policy, optimizer },
    ...(critic ? { critic: { ...critic.model, optimizer: critic.optimizer } } : {}),
    reference,
    reward: monitored.reward,
    prompts: (step) =>
      batchIndices(asked.length, { batch: stage.batch_size, step, seed: context.seed }).map(
        (index) => asked[index]!.ids,
      ),
    kl,
    ...(stage.surrogate.kind === 'clip'
      ? { surrogate: clippedSurrogate(stage.surrogate.clip_range) }
      : { surrogate: penalisedSurrogate, penalty: penalty! }),
    ...(await pretrainingMix(stage, { policy, context })),
  }
  const metrics = await train(context, {
    state: trainingState({ policy: { model: policy, optimizer }, critic, kl, penalty }),
    steps: stage.steps,
    saveSteps: stage.save_steps,
    stopWhen: stage.stop_when,
    watch: ['objective/scores', 'objective/kl', 'gold/score', 'completions/mean_length'],
    observe: () => ({ ...parts?.observe(), ...monitored.observe() }),
    tokenizer: policy.tokenizer,
    start: (start) =>
      ppo(run, { ...ppoNumbers(stage, policy), seed: context.seed, device: context.device, start }),
  })
  await rewardModel.dispose()
  await parts?.dispose()
  await saveModel(join(context.folder, 'model'), withoutValueHead(policy))
  return { kl: metrics['objective/kl'], score: metrics['objective/scores'], klCoefficient: kl.coefficient() }
}

function ppoNumbers(stage: PpoStage, policy: Model) {
  return {
    steps: stage.steps,
    maxNewTokens: stage.max_new_tokens,
    temperature: stage.temperature,
    endOfText: endOfText(policy),
    missingEosPenalty: stage.missing_eos_penalty,
    gamma: stage.gamma,
    lambda: stage.lambda,
    whitenRewards: stage.whiten_rewards,
    epochs: stage.epochs,
    minibatches: stage.minibatches,
    microBatchSize: stage.micro_batch_size ?? stage.batch_size,
    valueClipRange: stage.value_clip_range,
    valueCoefficient: stage.value_coefficient,
    entropyCoefficient: stage.entropy_coefficient,
  }
}

async function pretrainingMix(
  { name, pretraining }: PpoStage,
  { policy, context }: { policy: Model; context: StageContext },
): Promise<Pick<PpoRun, 'pretraining'>> {
  if (!pretraining) return {}
  const { seed } = context
  const { coefficient, batch_size: batch } = pretraining
  const data = await dataPaths(pretraining.data, { ...context, field: `${name}.pretraining.data` })
  const rows = await readSequences(data, { model: policy, seed, too_long: 'refuse' })
  return {
    pretraining: {
      coefficient,
      rows: (step) => batchIndices(rows.length, { batch, step, seed: seed + 1 }).map((index) => rows[index]!),
    },
  }
}

interface Changing {
  readonly policy: TrainingState['models'][string]
  readonly critic: TrainingState['models'][string] | undefined
  readonly kl: KlController
  readonly penalty: KlController | undefined
}

function trainingState({ policy, critic, kl, penalty }: Changing): TrainingState {
  return {
    models: { model: policy, ...(critic ? { critic } : {}) },
    numbers: () => ({ kl: kl.coefficient(), ...(penalty ? { penalty: penalty.coefficient() } : {}) }),
    restoreNumbers: (numbers) => {
      if (numbers.kl !== undefined) kl.restore(numbers.kl)
      if (numbers.penalty !== undefined) penalty?.restore(numbers.penalty)
    },
  }
}
