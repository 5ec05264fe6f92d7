import { accumulate, discard, randomKey } from '@attune/grad'
import { clippedSurrogate } from '../objectives/ppo.ts'
import { partsOf } from '../rollout/chunks.ts'
import { type Experience, experience, experienceRows, type Rollout } from '../rollout/experience.ts'
import { completionMetrics } from '../rollout/monitors.ts'
import { sampler } from '../rollout/sampler.ts'
import { sequenceBatch } from '../rollout/sequences.ts'
import { chunksByPrompt } from '../rollout/shared-prompts.ts'
import { accumulatedGradient, checkFinite, descend } from './gradient.ts'
import type { PpoOptions, PpoRun } from './ppo-options.ts'
import { ppoPrograms } from './ppo-programs.ts'
import { divergenceFromOld, type Iteration, sampleRollout } from './ppo-rollout.ts'
import type { StepRecord } from './types.ts'

/** RLHF with PPO (Ziegler et al. 2019; Stiennon et al. 2020; Ouyang et al. 2022): one record per iteration. */
export async function* ppo(run: PpoRun, options: PpoOptions): AsyncGenerator<StepRecord> {
  const { policy, critic, surrogate = clippedSurrogate(), kl, penalty } = run
  const programs = ppoPrograms(
    { policy: policy.architecture, reference: run.reference.architecture, critic: critic?.architecture },
    { ...options, surrogate },
  )
  const actor = sampler(policy, { device: options.device })
  try {
    for (let step = options.start ?? 0; step < options.steps; step++) {
      const rollout = await sampleRollout(run, { programs, sampler: actor, options, step }) // y ~ π(· | x); r(x, y); log π, log π_ref, V
      const beta = kl.coefficient()
      const judged = experience(rollout, { ...options, klCoefficient: beta }) // r − β (log π − log π_ref); GAE
      const updates: Record<string, number>[] = []
      for (let epoch = 0; epoch < options.epochs; epoch++) {
        const order = [
          ...randomKey(options.seed, 'minibatch', step, epoch).permutation(rollout.sequences.length),
        ]
        for (const rows of partsOf(order, options.minibatches)) {
          updates.push(
            await update(run, { programs, sampler: actor, options, step, rows, rollout, ...judged }),
          )
        }
      }
      const klMean = mean(judged.kl)
      kl.update(klMean, rollout.sequences.length)
      const moved = penalty && (await divergenceFromOld(run, rollout, { programs, options })) // KL(π_old ‖ π)
      if (moved !== undefined) penalty!.update(moved, rollout.sequences.length)
      yield {
        step: step + 1,
        metrics: {
          ...rolloutMetrics(rollout, judged),
          ...average(updates),
          ...(moved === undefined ? {} : { 'policy/kl_old': moved }),
          kl_coef: beta,
          episode: (step + 1) * rollout.sequences.length,
        },
        samples: rollout.sequences
          .slice(0, 4)
          .map((sequence, i) => ({ ...sequence, score: rollout.scores[i]!, kl: judged.kl[i]! })),
      }
    }
  } finally {
    await actor.dispose()
    await programs.dispose()
  }
}

interface Update extends Iteration {
  readonly rows: readonly number[]
  readonly rollout: Rollout
  readonly experience: Experience
}

/** One optimiser step of policy and critic on some rows of the experience. */
async function update(
  run: PpoRun,
  { programs, options, step, rows, rollout: { sequences }, experience }: Update,
): Promise<Record<string, number>> {
  const { policy, critic, penalty, pretraining } = run
  const count = rows.reduce((total, row) => total + sequences[row]!.completion.length, 0)
  const coefficient = penalty?.coefficient() ?? 0
  const microBatches = chunksByPrompt(rows, {
    size: options.microBatchSize,
    sequence: (row) => sequences[row]!,
  }).map((part) => {
    const batch = sequenceBatch(part.map((row) => sequences[row]!))
    return { ...batch, ...experienceRows(experience, part, batch.tokens.shape[1]!), count, coefficient }
  })
  const actor = await accumulatedGradient(programs.policy, policy.parameters, { microBatches })
  checkFinite(actor, { step, rows })
  const stats = { ...actor.stats }
  if (pretraining) {
    const mixed = pretraining.rows(step)
    const tokens = mixed.reduce((total, { completion }) => total + completion.length, 0)
    const batch = { ...sequenceBatch(mixed), count: tokens, coefficient: pretraining.coefficient }
    const term = await accumulatedGradient(programs.pretraining, policy.parameters, { microBatches: [batch] })
    accumulate(actor.gradients, term.gradients)
    discard(term.gradients)
    Object.assign(stats, term.stats)
  }
  if (critic) {
    const values = await accumulatedGradient(programs.critic, critic.parameters, { microBatches })
    descend(critic, values, { step, rows })
    Object.assign(stats, values.stats)
  }
  const { gradientNorm, learningRate } = descend(policy, actor, { step, rows })
  return { ...stats, grad_norm: gradientNorm, lr: learningRate }
}

function rolloutMetrics(
  { scores, completions }: Rollout,
  { kl, penalties }: { kl: number[]; penalties: number[] },
): Record<string, number> {
  const score = mean(scores)
  const { entropy, ...monitors } = completionMetrics(completions)
  return {
    'objective/kl': mean(kl),
    'objective/entropy': -mean(completions.map(({ logprobs }) => logprobs.reduce((a, b) => a + b, 0))),
    'objective/non_score_reward': mean(penalties),
    'objective/rlhf_reward': score + mean(penalties),
    'objective/scores': score,
    'policy/entropy_avg': entropy!,
    ...monitors,
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
