import { mean } from '@attune/feedback'
import { type Parameters, randomKey } from '@attune/grad'
import type { Architecture, Completion } from '@attune/lm'
import type { PairLoss } from '../objectives/direct/pair.ts'
import type { Reward } from '../reward/reward.ts'
import { completionMetrics } from '../rollout/monitors.ts'
import type { SequenceScores } from '../rollout/reference.ts'
import type { Sampler, SamplingNumbers } from '../rollout/sampler.ts'
import type { Sequence } from '../rollout/sequences.ts'
import type { RunOptions, SampleRecord, Trainable } from './types.ts'

/** The values that online direct methods work on. */
export interface OnlineRun {
  readonly policy: Trainable
  readonly reference: { readonly architecture: Architecture; readonly parameters: Parameters }
  readonly reward: Reward
  /** Prompts of a step, a function of its number only. */
  readonly prompts: (step: number) => readonly (readonly number[])[]
  /** A direct loss on the pairs that the reward makes; most are `dpo`. */
  readonly loss: PairLoss
}

/** Numbers of online direct methods. */
export interface OnlineOptions extends RunOptions, SamplingNumbers {
  /** Scale of the implicit rewards in the metrics: the loss's β. */
  readonly beta: number
  /** Subtracted from the score of a completion that did not end. */
  readonly missingEosPenalty: number
  /** Pairs that are differentiated at one time. */
  readonly microBatchSize: number
}

/** Completions of a step's prompts from one source, with their scores. */
export interface Draw {
  readonly sequences: readonly Sequence[]
  readonly completions: readonly Completion[]
  readonly scores: readonly number[]
}

/** One completion of every prompt of a step; `source` keys the random numbers of each source apart. */
export async function draw(
  { prompts, reward }: Pick<OnlineRun, 'prompts' | 'reward'>,
  { actor, source, step, options }: { actor: Sampler; source: string; step: number; options: OnlineOptions },
): Promise<Draw> {
  const asked = prompts(step)
  const seed = randomKey(options.seed, source, step).int(2 ** 31)
  const completions = await actor.sample(asked, { ...options, seed })
  const sequences = completions.map(({ tokens }, row) => ({ prompt: asked[row]!, completion: tokens }))
  const scores = (await reward(sequences)).map((score, row) =>
    completions[row]!.finishReason === 'stop' ? score : score - options.missingEosPenalty,
  )
  return { sequences, completions, scores }
}

/** What the policy's own completions say: scores, KL to the reference in nats per sequence, and the monitors of reward hacking. */
export async function drawMetrics(
  { sequences, completions, scores }: Draw,
  reference: SequenceScores,
): Promise<Record<string, number>> {
  const theirs = await reference(sequences)
  const ours = completions.map(({ logprobs }) => logprobs.reduce((a, b) => a + b, 0))
  return {
    'objective/scores': mean(scores),
    'objective/kl': mean(ours.map((logp, row) => logp - theirs[row]!)),
    'objective/entropy': -mean(ours),
    ...completionMetrics(completions),
  }
}

/** Two completions of the same prompts, joined. */
export function joined(a: Draw, b: Draw): Draw {
  return {
    sequences: [...a.sequences, ...b.sequences],
    completions: [...a.completions, ...b.completions],
    scores: [...a.scores, ...b.scores],
  }
}

/** The first completions with their scores, for people to read. */
export function drawSamples({ sequences, scores }: Draw): SampleRecord[] {
  return sequences.slice(0, 4).map((sequence, row) => ({ ...sequence, score: scores[row]! }))
}
