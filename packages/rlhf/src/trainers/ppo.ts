import { accumulate, type Parameters, randomKey } from '@attune/grad'
import { type Architecture, type Completion, generator } from '@attune/lm'
import type { KlController } from '../advantages/kl.ts'
import { clippedSurrogate, type Surrogate } from '../objectives/ppo.ts'
import type { Reward } from '../reward/reward.ts'
import { chunksOf } from '../rollout/chunks.ts'
import { type Experience, experience, experienceRows, type Rollout } from '../rollout/experience.ts'
import { type Sequence, sequenceBatch } from '../rollout/sequences.ts'
import { accumulatedGradient, checkFinite } from './gradient.ts'
import { type LossOptions, type PpoPrograms, ppoPrograms } from './ppo-programs.ts'
import type { RunOptions, StepRecord, Trainable } from './types.ts'

/** The values that PPO works on. */
export interface PpoRun {
  readonly policy: Trainable
  /** A separate critic (a reward model's shape); without it, the value head is on the policy's trunk. */
  readonly critic?: Trainable
  readonly reference: { readonly architecture: Architecture; readonly parameters: Parameters }
  readonly reward: Reward
  /** Prompts of an iteration, a function of its number only. */
  readonly prompts: (step: number) => readonly (readonly number[])[]
  /** β of the KL penalty in the reward. */
  readonly kl: KlController
  /** The policy's objective, and what adapts its coefficient (PPO-Penalty). */
  readonly surrogate?: Surrogate
  readonly penalty?: KlController
  /** PPO-ptx: γ times the cross-entropy of pretraining rows joins every update (InstructGPT, eq. 2). */
  readonly pretraining?: {
    readonly rows: (step: number) => readonly Sequence[]
    readonly coefficient: number
  }
}

/** Numbers of PPO under their usual symbols. */
export interface PpoOptions extends RunOptions, LossOptions {
  readonly maxNewTokens: number
  readonly endOfText: number
  /** Subtracted from the score of a completion that did not end. */
  readonly missingEosPenalty: number
  readonly gamma: number
  readonly lambda: number
  readonly whitenRewards: boolean
  /** Passes over each batch of experience, and parts it is cut into. */
  readonly epochs: number
  readonly minibatches: number
  /** Rows that are differentiated at one time. */
  readonly microBatchSize: number
}

/** RLHF with PPO (Ziegler et al. 2019; Stiennon et al. 2020; Ouyang et al. 2022): one record per iteration. */
export async function* ppo(run: PpoRun, options: PpoOptions): AsyncGenerator<StepRecord> {
  const { policy, critic, surrogate = clippedSurrogate(), kl, penalty } = run
  const programs = ppoPrograms(
    { policy: policy.architecture, critic: critic?.architecture },
    { ...options, surrogate },
  )
  try {
    for (let step = options.start ?? 0; step < options.steps; step++) {
      const rollout = await sample(run, { programs, options, step }) // y ~ π(· | x); r(x, y); log π, log π_ref, V
      const beta = kl.coefficient()
      const judged = experience(rollout, { ...options, klCoefficient: beta }) // r − β (log π − log π_ref); GAE
      const updates: Record<string, number>[] = []
      for (let epoch = 0; epoch < options.epochs; epoch++) {
        const order = [
          ...randomKey(options.seed, 'minibatch', step, epoch).permutation(rollout.sequences.length),
        ]
        for (const rows of chunksOf(order, Math.ceil(order.length / options.minibatches))) {
          updates.push(await update(run, { programs, options, step, rows, experience: judged.experience }))
        }
      }
      const klMean = mean(judged.kl)
      kl.update(klMean, rollout.sequences.length)
      penalty?.update(average(updates)['policy/kl_old'] ?? 0, rollout.sequences.length)
      yield {
        step: step + 1,
        metrics: {
          ...rolloutMetrics(rollout, judged),
          ...average(updates),
          kl_coef: beta,
          episode: (step + 1) * rollout.sequences.length,
        },
        samples: rollout.sequences
          .slice(0, 4)
          .map((sequence, i) => ({ ...sequence, score: rollout.scores[i]!, kl: judged.kl[i]! })),
      }
    }
  } finally {
    await programs.dispose()
  }
}

interface Iteration {
  readonly programs: PpoPrograms
  readonly options: PpoOptions
  readonly step: number
}

async function sample(run: PpoRun, { programs, options, step }: Iteration): Promise<Rollout> {
  const { policy, critic, reference } = run
  const prompts = run.prompts(step)
  const completions = await complete(policy, prompts, { options, step })
  const sequences = completions.map(({ tokens }, row) => ({ prompt: prompts[row]!, completion: tokens }))
  const scores = (await run.reward(sequences)).map((score, row) =>
    completions[row]!.tokens.at(-1) === options.endOfText ? score : score - options.missingEosPenalty,
  )
  const time =
    Math.ceil((Math.max(...prompts.map((prompt) => prompt.length)) + options.maxNewTokens) / 16) * 16
  const batch = sequenceBatch(sequences, time)
  const forward = async (program: PpoPrograms['values'], parameters: Parameters) => {
    const parts: Float32Array[] = []
    for (const rows of chunksOf(sequences, options.microBatchSize)) {
      parts.push((await program(parameters, sequenceBatch(rows, time))).data as Float32Array)
    }
    return Float32Array.from(parts.flatMap((part) => [...part]))
  }
  return {
    sequences,
    completions,
    batch,
    scores,
    logp: await forward(programs.logProbs, policy.parameters),
    referenceLogp: await forward(programs.logProbs, reference.parameters),
    values: await forward(programs.values, (critic ?? policy).parameters),
  }
}

async function complete(
  { architecture, parameters }: Trainable,
  prompts: readonly (readonly number[])[],
  { options, step }: Pick<Iteration, 'options' | 'step'>,
): Promise<Completion[]> {
  const { device, maxNewTokens, temperature, endOfText } = options
  const sampler = generator(architecture, parameters, { device })
  const seed = randomKey(options.seed, 'rollout', step).int(2 ** 31)
  const completions = await sampler.generate(prompts, { maxNewTokens, temperature, endOfText, seed })
  await sampler.dispose()
  return completions
}

async function update(
  run: PpoRun,
  {
    programs,
    options,
    step,
    rows,
    experience,
  }: Iteration & { rows: readonly number[]; experience: Experience },
): Promise<Record<string, number>> {
  const { policy, critic, penalty, pretraining } = run
  const minibatch = experienceRows(experience, rows)
  const count = minibatch.mask.data.reduce((a, b) => a + b, 0)
  const coefficient = penalty?.coefficient() ?? 0
  const microBatches = chunksOf(rows, options.microBatchSize).map((part) => ({
    ...experienceRows(experience, part),
    count,
    coefficient,
  }))
  const actor = await accumulatedGradient(programs.policy, policy.parameters, { microBatches })
  checkFinite(actor, { step, rows })
  const stats = { ...actor.stats }
  if (pretraining) {
    const mixed = pretraining.rows(step)
    const tokens = mixed.reduce((total, { completion }) => total + completion.length, 0)
    const batch = { ...sequenceBatch(mixed), count: tokens, coefficient: pretraining.coefficient }
    const term = await accumulatedGradient(programs.pretraining, policy.parameters, { microBatches: [batch] })
    accumulate(actor.gradients, term.gradients)
    Object.assign(stats, term.stats)
  }
  if (critic) {
    const values = await accumulatedGradient(programs.critic, critic.parameters, { microBatches })
    checkFinite(values, { step, rows })
    critic.optimizer.update(critic.parameters, values.gradients)
    Object.assign(stats, values.stats)
  }
  const { gradientNorm, learningRate } = policy.optimizer.update(policy.parameters, actor.gradients)
  return { ...stats, grad_norm: gradientNorm, lr: learningRate }
}

function rolloutMetrics(
  { scores, completions }: Rollout,
  { kl, penalties }: { kl: number[]; penalties: number[] },
): Record<string, number> {
  const score = mean(scores)
  return {
    'objective/kl': mean(kl),
    'objective/entropy': -mean(completions.map(({ logprobs }) => logprobs.reduce((a, b) => a + b, 0))),
    'objective/non_score_reward': mean(penalties),
    'objective/rlhf_reward': score + mean(penalties),
    'objective/scores': score,
    'policy/entropy_avg': mean(completions.flatMap(({ entropies }) => entropies)),
    'completions/mean_length': mean(completions.map(({ tokens }) => tokens.length)),
    'val/num_eos_tokens': completions.filter(({ finishReason }) => finishReason === 'stop').length,
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

function average(records: readonly Record<string, number>[]): Record<string, number> {
  return Object.fromEntries(
    Object.keys(records[0] ?? {}).map((name) => [name, mean(records.map((record) => record[name]!))]),
  )
}
