import { z } from 'zod'
import { type GoldName, goldScores } from '../gold/gold.ts'
import { source } from './source.ts'

/** A whole number from 1 on. */
export const count = z.int().positive()
/** A number above 0. */
export const positive = z.number().positive()
/** A number from 0 to 1. */
export const probability = z.number().min(0).max(1)
/** The name of a hidden score that simulated annotators follow. */
export const gold = z.enum(Object.keys(goldScores) as [GoldName, ...GoldName[]])

/** Rows to learn from: a file or an earlier stage's output, or several that are mixed by weight. */
export const dataSource = z.union([
  source,
  z
    .array(
      z.strictObject({
        path: source,
        /** How often each row is seen: 0.5 is a random half, 2 every row twice. */
        weight: z.number().positive().default(1),
        /** The file's own names of the columns, as `{ prompt: question }`. */
        columns: z.record(z.string(), z.string()).optional(),
      }),
    )
    .min(1),
])

/** What is done with rows that are too long: refused, left out, or cut at the end. */
export const lengths = {
  /** Most tokens of a prompt with its completion; the model's context when it is not given. */
  max_length: z.int().positive().optional(),
  too_long: z.enum(['refuse', 'drop', 'truncate']).default('refuse'),
}

/** How prompts with their completions are packed. */
export const packing = {
  /**
   * Packs each prompt with its completions into rows of so many tokens (twice, four times … as many where they need it), `micro_batch_size`
   * rows at a time: few programs for all lengths, and little padding.
   */
  packed_length: count.optional(),
}

/** Every stage has a name. */
export const named = {
  name: z.string().regex(/^[a-z0-9-]+$/, 'lower-case letters, digits and hyphens'),
  /** The round that it belongs to, from 2 on with random numbers of its own; written by `rounds`. */
  round: count.optional(),
}

/** AdamW and its schedule. */
export const optimiser = {
  /** Peak learning rate. */
  learning_rate: positive,
  schedule: z.enum(['constant', 'linear', 'cosine']).default('linear'),
  /** Rate at the end of a linear or cosine schedule. */
  final_learning_rate: z.number().min(0).default(0),
  warmup_steps: z.int().min(0).default(0),
  weight_decay: z.number().min(0).default(0),
  adam_beta1: probability.default(0.9),
  adam_beta2: probability.default(0.999),
  adam_epsilon: positive.default(1e-8),
  max_grad_norm: positive.default(1),
}

/** What every training stage has. */
export const training = {
  ...named,
  ...optimiser,
  steps: count,
  batch_size: count,
  /** Rows differentiated at one time; the gradients of a batch add up. */
  micro_batch_size: count.optional(),
  /** Steps between checkpoints. */
  save_steps: count.default(50),
}

/** A low-rank adapter in PEFT's fields; without it all parameters are trained. */
export const lora = z.strictObject({
  r: count.default(8),
  lora_alpha: positive.default(16),
  use_rslora: z.boolean().default(false),
  /** Layers by the last part of their name, or every projection of the blocks. */
  target_modules: z.union([z.literal('all-linear'), z.array(z.string().min(1)).min(1)]).default('all-linear'),
})

/** What every stage has that may train an adapter. */
export const adapted = { lora: lora.optional() }

/** Stops a run that goes wrong: the rule holds for `steps` steps in a row. */
export const stopRule = z
  .strictObject({
    metric: z.string().min(1),
    above: z.number().optional(),
    below: z.number().optional(),
    steps: count.default(1),
  })
  .refine(
    ({ above, below }) => (above === undefined) !== (below === undefined),
    'give above or below, one of them',
  )

/** Rules on the monitors of reward hacking (kl, completions/mean_length, completions/distinct_2, …). */
export const monitored = { stop_when: z.array(stopRule).default([]) }

/** How completions are drawn. */
export const sampling = {
  max_new_tokens: count,
  temperature: positive.default(1),
}

/** A low-rank adapter as a recipe names it. */
export type LoraFields = z.infer<typeof lora>

/** A rule that stops a run, as a recipe names it. */
export type StopRule = z.infer<typeof stopRule>

/** AdamW and its schedule as a recipe names them. */
export type OptimiserFields = z.infer<z.ZodObject<typeof optimiser>> & { readonly steps: number }
