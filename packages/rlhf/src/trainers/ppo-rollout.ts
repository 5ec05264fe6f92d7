import { type NdArray, type Parameters, randomKey } from '@attune/grad'
import { type Completion, generator } from '@attune/lm'
import { chunksByLength } from '../rollout/chunks.ts'
import type { Rollout } from '../rollout/experience.ts'
import {
  lengthOf,
  paddedLength,
  type Sequence,
  type SequenceBatch,
  sequenceBatch,
} from '../rollout/sequences.ts'
import type { PpoOptions, PpoRun } from './ppo-options.ts'
import type { PpoPrograms } from './ppo-programs.ts'
import type { Trainable } from './types.ts'

/** What every part of an iteration needs. */
export interface Iteration {
  readonly programs: PpoPrograms
  readonly options: PpoOptions
  readonly step: number
}

/** y ~ π(· | x) for the prompts of a step, with rewards, log-probabilities of policy and reference, and values. */
export async function sampleRollout(
  { policy, critic, reference, reward, ...run }: PpoRun,
  { programs, options, step }: Iteration,
): Promise<Rollout> {
  const prompts = run.prompts(step)
  const completions = await complete(policy, prompts, { options, step })
  const sequences = completions.map(({ tokens }, row) => ({ prompt: prompts[row]!, completion: tokens }))
  const scores = (await reward(sequences)).map((score, row) =>
    completions[row]!.tokens.at(-1) === options.endOfText ? score : score - options.missingEosPenalty,
  )
  const batch = sequenceBatch(sequences)
  const forward = (program: PpoPrograms['values'], parameters: Parameters) =>
    forwardByLength(sequences, options.microBatchSize, (rows) => program(parameters, rows))
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

/** What a program says of every position [B, T], computed for parts of similar length. */
async function forwardByLength(
  sequences: readonly Sequence[],
  size: number,
  program: (rows: SequenceBatch) => Promise<NdArray>,
): Promise<Float32Array> {
  const time = paddedLength(sequences)
  const all = new Float32Array(sequences.length * time)
  const rows = Array.from(sequences.keys())
  for (const part of chunksByLength(rows, { size, length: (row) => lengthOf(sequences[row]!) })) {
    const { data, shape } = await program(sequenceBatch(part.map((row) => sequences[row]!)))
    const width = shape[1]!
    for (const [i, row] of part.entries()) {
      all.set((data as Float32Array).subarray(i * width, (i + 1) * width), row * time)
    }
  }
  return all
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
