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
  /** The reward where it judges another than the policy, so that what watches `reward` sees the policy alone; default `reward`. */
  readonly opponentReward?: Reward
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

/** How completions of a step are drawn: from whom, with which random numbers, and how many of each prompt. */
interface DrawOptions {
  readonly actor: Sampler
  /** Keys the random numbers of each source apart. */
  readonly source: string
  readonly step: number
  readonly options: OnlineOptions
  readonly copies?: number
}

/** Completions of every prompt of a step; of several, the second ones lie behind all first ones. */
export async function draw(
  { prompts, reward }: Pick<OnlineRun, 'prompts' | 'reward'>,
  { actor, source, step, options, copies = 1 }: DrawOptions,
): Promise<Draw> {
  const once = prompts(step)
  const asked = Array.from({ length: copies }, () => once).flat()
  const seed = randomKey(options.seed, source, step).int(2 ** 31)
  const completions = await actor.sample(asked, { ...options, seed })
  const sequences = completions.map(({ tokens }, row) => ({ prompt: asked[row]!, completion: tokens }))
  const scores = (await reward(sequences)).map((score, row) =>
    completions[row]!.finishReason === 'stop' ? score : score - options.missingEosPenalty,
  )
  return { sequences, completions, scores }
}

/** The run with the reward of those whom the policy is compared with. */
export function opponentOf<Run extends Pick<OnlineRun, 'reward' | 'opponentReward'>>(run: Run): Run {
  return { ...run, reward: run.opponentReward ?? run.reward }
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

/** The first and the second completions of two of every prompt. */
export function halves({ sequences, completions, scores }: Draw): [Draw, Draw] {
  const middle = sequences.length / 2
  const part = (from: number, to: number): Draw => ({
    sequences: sequences.slice(from, to),
    completions: completions.slice(from, to),
    scores: scores.slice(from, to),
  })
  return [part(0, middle), part(middle, sequences.length)]
}

/** The first completions with their scores, for people to read. */
export function drawSamples({ sequences, scores }: Draw): SampleRecord[] {
  return sequences.slice(0, 4).map((sequence, row) => ({ ...sequence, score: scores[row]! }))
}
