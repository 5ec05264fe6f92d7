import { z } from 'zod'
import { bestOfStage, judgeStage, labelStage, reviseStage } from './data-stages.ts'
import { dpoStage, ktoStage } from './direct-stages.ts'
import {
  adapted,
  count,
  dataSource,
  gold,
  lengths,
  lora,
  monitored,
  named,
  packing,
  positive,
  probability,
  sampling,
  training,
} from './fields.ts'
import { pairLossSchema, wholeBatchLosses } from './pair-loss.ts'
import { policyGradientFields } from './policy-gradient.ts'
import { rewardPart } from './reward-part.ts'
import { fileSource, source } from './source.ts'

/** Pretraining a new model on plain text; the tokenizer is trained on the same text. */
export const pretrainStage = z.strictObject({
  stage: z.literal('pretrain'),
  ...training,
  /** Text file; documents end with `<|endoftext|>`. */
  text: fileSource,
  vocabulary_size: count,
  sequence_length: count,
  /** Hugging Face's config.json of the model to make; vocab_size is filled in. */
  config: z.record(z.string(), z.unknown()),
  dtype: z.enum(['F32', 'F16', 'BF16']).default('F32'),
})

/** Supervised fine-tuning on completions, texts or the assistant's turns of conversations. */
export const sftStage = z.strictObject({
  stage: z.literal('sft'),
  ...training,
  ...adapted,
  ...lengths,
  model: source,
  data: dataSource,
  /** Packs rows into rows of so many tokens instead of padding each; none may be longer. */
  packed_length: count.optional(),
})

/** Reward modelling from comparisons or rankings. */
export const rewardStage = z.strictObject({
  stage: z.literal('reward'),
  ...training,
  ...adapted,
  ...lengths,
  ...packing,
  model: source,
  comparisons: dataSource,
  /** Share of prompts kept for the held-out accuracy, unless `test` gives other rows. */
  held_out: probability.default(0.1),
  /** Rows to measure on; accuracy is told apart by their column `category`, where they have one. */
  test: dataSource.optional(),
  /** Another start of the head and another order of the data, for the members of an ensemble. */
  seed: z.int().min(0).optional(),
  /** Weight of (r_w + r_l)², which centres rewards on zero. */
  center_rewards_coefficient: z.number().min(0).default(0),
})

/** Process reward modelling from solutions whose steps were judged. */
export const processRewardStage = z.strictObject({
  stage: z.literal('process-reward'),
  ...training,
  ...adapted,
  ...lengths,
  model: source,
  data: dataSource,
  /** Share of solutions kept for the held-out accuracy of steps. */
  held_out: probability.default(0.1),
})

/** PPO against a reward model under a KL penalty. */
export const ppoStage = z
  .strictObject({
    stage: z.literal('ppo'),
    ...training,
    ...adapted,
    ...monitored,
    ...sampling,
    model: source,
    /** Default: the policy as it starts. */
    reference: source.optional(),
    /** The reward model, which a separate critic starts as. */
    reward: source,
    /** Parts that are added up for the reward, instead of that of the reward model alone. */
    rewards: z.array(rewardPart).min(1).optional(),
    prompts: fileSource,
    /** A gold score to watch beside the reward, where there is one; nothing is trained on it. */
    monitor: gold.optional(),
    /** β: fixed, or adapted to a target KL in nats per sequence (Ziegler's controller). */
    kl: z.discriminatedUnion('controller', [
      z.strictObject({ controller: z.literal('fixed'), coefficient: z.number().min(0) }),
      z.strictObject({
        controller: z.literal('adaptive'),
        coefficient: positive,
        target: positive,
        horizon: positive.default(10_000),
      }),
    ]),
    /** PPO-Clip with range ε, or PPO-Penalty with an adaptive coefficient on KL(π_old ‖ π). */
    surrogate: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('clip'), clip_range: positive.default(0.2) }),
        z.strictObject({
          kind: z.literal('penalty'),
          coefficient: positive.default(1),
          target: positive.default(0.01),
        }),
      ])
      .default({ kind: 'clip', clip_range: 0.2 }),
    /** Critic: a separate model that starts as the reward model, or a value head on the policy's trunk. */
    critic: z.enum(['separate', 'shared']).default('separate'),
    critic_learning_rate: positive.optional(),
    /** A low-rank adapter over the reward model as the separate critic; without it all of its parameters are trained. */
    critic_lora: lora.optional(),
    /** γ and λ of generalised advantage estimation. */
    gamma: probability.default(1),
    lambda: probability.default(0.95),
    value_clip_range: positive.default(0.2),
    value_coefficient: z.number().min(0).default(0.1),
    entropy_coefficient: z.number().min(0).default(0),
    epochs: count.default(4),
    minibatches: count.default(1),
    /** Scores of an iteration get mean 0 and deviation 1 before the KL penalty (Llama 2). */
    whiten_scores: z.boolean().default(false),
    whiten_rewards: z.boolean().default(false),
    missing_eos_penalty: z.number().min(0).default(0),
    /** PPO-ptx: coefficient γ of the cross-entropy on these rows. */
    pretraining: z.strictObject({ data: source, coefficient: positive, batch_size: count }).optional(),
  })
  .refine(({ critic, critic_lora }) => critic === 'separate' || !critic_lora, {
    path: ['critic_lora'],
    message:
      "a critic on the policy's trunk has the policy's adapter (lora); leave it out, or take critic: separate",
  })
  .refine(({ critic, critic_learning_rate: rate }) => critic === 'separate' || rate === undefined, {
    path: ['critic_learning_rate'],
    message:
      "a critic on the policy's trunk learns with the policy's optimiser; leave it out, or take critic: separate",
  })

/** GRPO and its kin: no critic, completions of one prompt are compared with one another. */
export const grpoStage = z.strictObject({
  stage: z.literal('grpo'),
  ...training,
  ...adapted,
  ...monitored,
  ...sampling,
  ...policyGradientFields,
  model: source,
  /** Default: the policy as it starts. */
  reference: source.optional(),
  prompts: fileSource,
  rewards: z.array(rewardPart).min(1),
  /** A gold score to watch beside the reward, where there is one; nothing is trained on it. */
  monitor: gold.optional(),
  /** G: completions of each of the `batch_size` prompts of a step. */
  group_size: z.int().min(2).default(8),
  /** μ: passes over each batch, and optimiser steps that a pass is cut into. */
  iterations: count.default(1),
  minibatches: count.default(1),
  /** Completions cut for length count for nothing (DAPO's overlong filtering). */
  mask_truncated: z.boolean().default(false),
  /** Draws prompts again, so many rounds at most, for groups of one score (DAPO's dynamic sampling). */
  sampling_rounds: count.default(1),
})

const online = {
  ...training,
  ...adapted,
  ...monitored,
  ...sampling,
  model: source,
  /** Default: the policy as it starts. */
  reference: source.optional(),
  prompts: fileSource,
  rewards: z.array(rewardPart).min(1),
  /** A gold score to watch beside the reward, where there is one; nothing is trained on it. */
  monitor: gold.optional(),
  missing_eos_penalty: z.number().min(0).default(0),
}

/** Online direct methods: the policy's own completions are compared as it learns. */
export const onlineStage = z
  .strictObject({
    stage: z.literal('online'),
    ...online,
    method: z.discriminatedUnion('kind', [
      /** Two completions of the policy, and a direct loss on the pair. */
      z.strictObject({
        kind: z.literal('online_dpo'),
        loss: pairLossSchema.default({ kind: 'sigmoid', beta: 0.1, divergence: { kind: 'reverse_kl' } }),
      }),
      /** The policy's completion against the reference's, with optimism α. */
      z.strictObject({
        kind: z.literal('xpo'),
        loss: pairLossSchema.default({ kind: 'sigmoid', beta: 0.1, divergence: { kind: 'reverse_kl' } }),
        alpha: z.number().min(0).default(1e-5),
      }),
      /** The policy against a geometric mixture of itself and the reference. */
      z.strictObject({
        kind: z.literal('nash_md'),
        beta: positive.default(0.1),
        mixture_coefficient: probability.default(0.5),
      }),
    ]),
  })
  .refine(
    ({ method, batch_size: batch, micro_batch_size: micro = batch }) =>
      !('loss' in method && wholeBatchLosses.includes(method.loss.kind)) || micro >= batch,
    { path: ['micro_batch_size'], message: 'AOT sorts over the whole batch; leave it out' },
  )

/** Comparing a policy with the one it started from on prompts never seen. */
export const evaluateStage = z.strictObject({
  stage: z.literal('evaluate'),
  ...named,
  ...sampling,
  before: source,
  after: source,
  reward: source,
  prompts: fileSource,
  items: count,
  batch_size: count.default(64),
  gold,
  /** Completions per prompt of the best-of-n yardstick; 1 leaves it out. */
  best_of: count.default(16),
})

/** Scoring a model's completions of prompts with the rewards of a recipe. */
export const scoreStage = z.strictObject({
  stage: z.literal('score'),
  ...named,
  max_new_tokens: count,
  /** 0 takes the likeliest tokens. */
  temperature: z.number().min(0).default(0),
  model: source,
  prompts: fileSource,
  rewards: z.array(rewardPart).min(1),
  /** Prompts to score at most. */
  items: count.default(1000),
  batch_size: count.default(64),
})

/** Any stage. */
export const stageSchema = z.discriminatedUnion('stage', [
  pretrainStage,
  sftStage,
  labelStage,
  judgeStage,
  reviseStage,
  rewardStage,
  processRewardStage,
  dpoStage,
  ktoStage,
  ppoStage,
  grpoStage,
  onlineStage,
  bestOfStage,
  evaluateStage,
  scoreStage,
])

/** What a recipe has beside its stages. */
export const recipeFields = {
  ...named,
  /** The paper that the recipe follows. */
  paper: z.string().optional(),
  description: z.string().optional(),
  seed: z.int().min(0).default(0),
  threads: count.optional(),
}

/** A recipe: stages that run in order, each from files or from earlier stages. */
export const recipeSchema = z.strictObject({ ...recipeFields, stages: z.array(stageSchema).min(1) })

/** A validated recipe, its rounds written out. */
export type Recipe = z.infer<typeof recipeSchema>
/** Any stage, as a recipe names it. */
export type Stage = z.infer<typeof stageSchema>
/** A pretrain stage. */
export type PretrainStage = z.infer<typeof pretrainStage>
/** A supervised fine-tuning stage. */
export type SftStage = z.infer<typeof sftStage>
/** A label stage. */
export type LabelStage = z.infer<typeof labelStage>
/** A judge stage. */
export type JudgeStage = z.infer<typeof judgeStage>
/** A revise stage. */
export type ReviseStage = z.infer<typeof reviseStage>
/** A reward stage. */
export type RewardStage = z.infer<typeof rewardStage>
/** A process reward stage. */
export type ProcessRewardStage = z.infer<typeof processRewardStage>
/** A DPO stage. */
export type DpoStage = z.infer<typeof dpoStage>
/** A KTO stage. */
export type KtoStage = z.infer<typeof ktoStage>
/** A PPO stage. */
export type PpoStage = z.infer<typeof ppoStage>
/** A GRPO stage. */
export type GrpoStage = z.infer<typeof grpoStage>
/** An online stage. */
export type OnlineStage = z.infer<typeof onlineStage>
/** A best-of-n stage. */
export type BestOfStage = z.infer<typeof bestOfStage>
/** An evaluate stage. */
export type EvaluateStage = z.infer<typeof evaluateStage>
/** A score stage. */
export type ScoreStage = z.infer<typeof scoreStage>
