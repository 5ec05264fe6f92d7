import { z } from 'zod'
import { count, gold, named, probability, sampling } from './fields.ts'
import { rewardPart } from './reward-part.ts'
import { fileSource, source } from './source.ts'

/** Sampling completions of prompts and having simulated annotators compare them. */
export const labelStage = z.strictObject({
  stage: z.literal('label'),
  ...named,
  ...sampling,
  model: source,
  prompts: fileSource,
  /** Prompts to sample for, from the `start`th on, around the end of the file. */
  items: count,
  start: z.int().min(0).default(0),
  /** Completions per prompt: 2 for comparisons, up to 9 for rankings. */
  completions: z.int().min(2).max(9).default(2),
  batch_size: count.default(64),
  gold,
  annotators: z
    .array(z.strictObject({ id: z.string().min(1), temperature: z.number().min(0), lapse_rate: probability }))
    .min(1),
})

/** Labels by a language model: two completions of each prompt, and which of them it prefers in both orders (RLAIF). */
export const judgeStage = z.strictObject({
  stage: z.literal('judge'),
  ...named,
  ...sampling,
  /** The policy that writes, and the model that judges. */
  model: source,
  judge: source,
  prompts: fileSource,
  items: count,
  start: z.int().min(0).default(0),
  batch_size: count.default(64),
  /** What the judge reads; {prompt}, {a} and {b} are filled in, and its next token is the verdict. */
  question: z
    .string()
    .regex(/\{a\}[\s\S]*\{b\}/, 'a text with {a} before {b}')
    .default('{prompt}\n\nAnswer A: {a}\n\nAnswer B: {b}\n\nThe better answer is'),
  verdicts: z.tuple([z.string().min(1), z.string().min(1)]).default([' A', ' B']),
})

/** Data of Constitutional AI: answers that the model criticises by principles and revises. */
export const reviseStage = z.strictObject({
  stage: z.literal('revise'),
  ...named,
  ...sampling,
  model: source,
  prompts: fileSource,
  items: count,
  batch_size: count.default(32),
  /** Critiques and revisions, one after another. */
  revisions: count.default(1),
  /** A constitution: for every revision one is drawn. */
  principles: z.array(z.strictObject({ critique: z.string().min(1), revision: z.string().min(1) })).min(1),
})

/** Best-of-n as data: n completions of every prompt, of which the best by the rewards are kept (RAFT, Llama 2). */
export const bestOfStage = z.strictObject({
  stage: z.literal('best-of'),
  ...named,
  ...sampling,
  model: source,
  prompts: fileSource,
  rewards: z.array(rewardPart).min(1),
  /** Prompts to sample for, from the `start`th on, around the end of the file. */
  items: count,
  start: z.int().min(0).default(0),
  /** n: completions of each prompt. */
  completions: z.int().min(2),
  /** Share of the prompts that is kept, those with the best completions; 1 keeps all. */
  keep: z.number().gt(0).max(1).default(1),
  /** The least score of a completion that is kept. */
  at_least: z.number().optional(),
  batch_size: count.default(64),
})
