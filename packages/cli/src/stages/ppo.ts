import { join } from 'node:path'
import { ndarray, type Parameters } from '@attune/grad'
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
  rewardHead,
  valueHead,
} from '@attune/rlhf'
import type { PpoStage } from '../recipe/schema.ts'
import { monitoredReward } from '../rewards/gold-monitor.ts'
import type { TrainingState } from '../run/checkpoint.ts'
import { type StageContext, sourcePath } from '../run/context.ts'
import { train } from '../run/train.ts'
import { loadReference, loadTrainable } from './adapt.ts'
import { recipeOptimizer } from './optimiser.ts'
import { loadReward } from './reward.ts'
import { endOfText, readPrompts, readSequences } from './rows.ts'

/** PPO from a supervised model against a reward model, under a KL penalty to the model it starts from. */
export async function ppoStageRun(stage: PpoStage, context: StageContext): Promise<Record<string, unknown>> {
  const policy = withValueHead(await loadTrainable(stage, context), stage.critic)
  const reference = await loadReference(stage, { policy, context })
  const judge = await loadReward(
    await sourcePath(stage.reward, { ...context, kind: 'model', field: `${stage.name}.reward` }),
    context.device,
  )
  const prompts = await readPrompts(stage.prompts, policy, stage.max_new_tokens)
  const updates = stage.steps * stage.epochs * stage.minibatches
  const optimizer = recipeOptimizer(stage, updates)
  const critic =
    stage.critic === 'separate'
      ? {
          model: copyOf(judge.model),
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
  const monitored = monitoredReward(judge.reward, { policy, gold: stage.monitor })
  const run: PpoRun = {
    policy: { ...policy, optimizer },
    ...(critic ? { critic: { ...critic.model, optimizer: critic.optimizer } } : {}),
    reference,
    reward: monitored.reward,
    prompts: (step) =>
      batchIndices(prompts.length, { batch: stage.batch_size, step, seed: context.seed }).map(
        (index) => prompts[index]!,
      ),
    kl,
    ...(stage.surrogate.kind === 'clip'
      ? { surrogate: clippedSurrogate(stage.surrogate.clip_range) }
      : { surrogate: penalisedSurrogate, penalty: penalty! }),
    ...(await pretrainingMix(stage, { policy, seed: context.seed })),
  }
  const metrics = await train(context, {
    state: trainingState({ policy: { model: policy, optimizer }, critic, kl, penalty }),
    steps: stage.steps,
    saveSteps: stage.save_steps,
    stopWhen: stage.stop_when,
    watch: ['objective/scores', 'objective/kl', 'gold/score', 'completions/mean_length'],
    observe: monitored.observe,
    decode: (tokens) => policy.tokenizer.decode(tokens),
    start: (start) =>
      ppo(run, { ...ppoNumbers(stage, policy), seed: context.seed, device: context.device, start }),
  })
  await judge.dispose()
  await saveModel(join(context.folder, 'model'), {
    ...policy,
    parameters: withoutValueHead(policy.parameters),
  })
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
  { pretraining }: PpoStage,
  { policy, seed }: { policy: Model; seed: number },
): Promise<Pick<PpoRun, 'pretraining'>> {
  if (!pretraining) return {}
  const { data, coefficient, batch_size: batch } = pretraining
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

/** The policy with a value head of zeros when the critic shares its trunk: V = 0 at the start (Ziegler et al. 2019). */
function withValueHead(model: Model, critic: PpoStage['critic']): Model {
  if (critic === 'separate') return model
  const { width } = model.architecture
  const head = {
    [`${valueHead}.weight`]: ndarray(new Float32Array(width), [1, width]),
    [`${valueHead}.bias`]: ndarray(new Float32Array(1), [1]),
  }
  return { ...model, parameters: { ...model.parameters, ...head } }
}

function withoutValueHead(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !name.startsWith(`${valueHead}.`)))
}

/** The reward model as a critic: its own copy of the parameters, the head scaled to the normalised reward. */
function copyOf(model: Model): Model {
  const { reward_mean: average = 0, reward_deviation: deviation = 1 } = model.config as {
    reward_mean?: number
    reward_deviation?: number
  }
  const parameters = Object.fromEntries(
    Object.entries(model.parameters).map(([name, { data, shape }]) => [name, ndarray(data.slice(), shape)]),
  )
  const weight = parameters[`${rewardHead}.weight`]!
  parameters[`${rewardHead}.weight`] = ndarray(
    weight.data.map((w) => w / deviation),
    weight.shape,
  )
  parameters[`${rewardHead}.bias`] = ndarray([-average / deviation], [1])
  return { ...model, parameters }
}
