import { mean } from '@attune/feedback'
import { type Parameters, randomKey } from '@attune/grad'
import { endsOf } from '@attune/lm'
import { klEstimators } from '../advantages/kl.ts'
import type { Rollout } from '../rollout/experience.ts'
import { drawnLogProbs, positionsByLength } from '../rollout/positions.ts'
import type { Sampler } from '../rollout/sampler.ts'
import { sequenceBatch } from '../rollout/sequences.ts'
import type { PpoOptions, PpoRun } from './ppo-options.ts'
import type { PpoPrograms } from './ppo-programs.ts'

/** What every part of an iteration needs. */
export interface Iteration {
  readonly programs: PpoPrograms
  readonly sampler: Sampler
  readonly options: PpoOptions
  readonly step: number
}

/** y ~ π(· | x) for the prompts of a step, with rewards, log-probabilities of policy and reference, and values. */
export async function sampleRollout(
  { policy, critic, reference, reward, ...run }: PpoRun,
  { programs, sampler, options, step }: Iteration,
): Promise<Rollout> {
  const prompts = run.prompts(step)
  const seed = randomKey(options.seed, 'rollout', step).int(2 ** 31)
  const completions = await sampler.sample(prompts, { ...options, seed })
  const sequences = completions.map(({ tokens }, row) => ({ prompt: prompts[row]!, completion: tokens }))
  const ends = endsOf(options)
  const scores = (await reward(sequences)).map((score, row) =>
    ends.includes(completions[row]!.tokens.at(-1)!) ? score : score - options.missingEosPenalty,
  )
  const batch = sequenceBatch(sequences)
  const forward = (program: PpoPrograms['values'], parameters: Parameters) =>
    positionsByLength(sequences, options.microBatchSize, (rows) => program(parameters, rows))
  return {
    sequences,
    completions,
    batch,
    scores,
    logp: drawnLogProbs(sequences, completions),
    referenceLogp: await forward(programs.referenceLogProbs, reference.parameters),
    values: await forward(programs.values, (critic ?? policy).parameters),
  }
}

/** KL(π_old ‖ π) in nats a token between who drew a rollout and the policy as it is now. */
export async function divergenceFromOld(
  { policy }: PpoRun,
  { sequences, batch, logp }: Rollout,
  { programs, options }: Pick<Iteration, 'programs' | 'options'>,
): Promise<number> {
  const now = await positionsByLength(sequences, options.microBatchSize, (rows) =>
    programs.logProbs(policy.parameters, rows),
  )
  const learnt = [...(batch.mask.data as Float32Array).keys()].filter((t) => batch.mask.data[t] !== 0)
  return mean(learnt.map((t) => klEstimators.k3(logp[t]! - now[t]!)))
}
