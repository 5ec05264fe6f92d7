import { type NdArray, ndarray, type Parameters, type Tensor, value, valueAndGrad } from '@attune/grad'
import { nashMirrorDescent } from '../objectives/online/nash.ts'
import { bradleyTerry, type Preference } from '../reward/preference.ts'
import { chunksOf } from '../rollout/chunks.ts'
import { tokenLogProbs } from '../rollout/forward.ts'
import { geometricMixture } from '../rollout/mixture.ts'
import { sequenceLogProbs } from '../rollout/reference.ts'
import { sampler } from '../rollout/sampler.ts'
import { type SequenceBatch, sequenceBatch } from '../rollout/sequences.ts'
import { accumulatedGradient, descend } from './gradient.ts'
import {
  draw,
  drawMetrics,
  drawSamples,
  type OnlineOptions,
  type OnlineRun,
  opponentOf,
} from './online-options.ts'
import type { StepRecord } from './types.ts'

interface NashRows extends SequenceBatch {
  readonly referenceLogp: NdArray
  readonly probability: NdArray
  readonly sequences: number
}

/** What Nash-MD works on: a preference may take the place of the reward, which is then only watched. */
export interface NashRun extends Omit<OnlineRun, 'loss'> {
  /** P(y ≻ y′); default: what the scores stand for (Bradley–Terry), penalties for a missing end among them. */
  readonly preference?: Preference
}

/** Numbers of Nash-MD. */
export interface NashOptions extends OnlineOptions {
  /** c: how much of the opponent π^(1 − c)·π_ref^c is the reference. */
  readonly mixtureCoefficient: number
}

/** Nash mirror descent (Nash-MD-PG, Munos et al. 2023): the policy against a geometric mixture of itself and its reference. */
export async function* nashMd(run: NashRun, options: NashOptions): AsyncGenerator<StepRecord> {
  const { policy, reference } = run
  const { device, temperature, microBatchSize } = options
  const frozen = sequenceLogProbs(reference, { device, temperature, batchSize: microBatchSize })
  const referenceLogProbs = value<[Parameters, SequenceBatch], Tensor>(
    (weights, batch) => tokenLogProbs(reference.architecture, weights, { ...batch, temperature }).logp,
    { device },
  )
  const gradient = valueAndGrad<[NashRows]>(
    (weights, { mask, referenceLogp, probability, sequences, ...batch }) => {
      const { logp } = tokenLogProbs(policy.architecture, weights, { ...batch, temperature })
      return nashMirrorDescent({ logp, referenceLogp, mask, probability, sequences }, options)
    },
    { device },
  )
  const actor = sampler(policy, { device })
  const opponent = sampler(geometricMixture(policy, reference, options.mixtureCoefficient), { device })
  try {
    for (let step = options.start ?? 0; step < options.steps; step++) {
      const own = await draw(run, { actor, source: 'rollout', step, options })
      const theirs = await draw(opponentOf(run), { actor: opponent, source: 'mixture', step, options })
      const probabilities = run.preference
        ? await run.preference(own.sequences, theirs.sequences)
        : own.scores.map((score, row) => bradleyTerry(score, theirs.scores[row]!))
      const metrics = await drawMetrics(own, frozen)
      const rows = [...own.sequences.keys()]
      const microBatches: NashRows[] = []
      for (const part of chunksOf(rows, microBatchSize)) {
        const batch = sequenceBatch(part.map((row) => own.sequences[row]!))
        microBatches.push({
          ...batch,
          referenceLogp: await referenceLogProbs(reference.parameters, batch),
          probability: ndarray(
            part.map((row) => probabilities[row]!),
            [part.length],
          ),
          sequences: rows.length,
        })
      }
      const result = await accumulatedGradient(gradient, policy.parameters, { microBatches })
      const { gradientNorm, learningRate } = descend(policy, result, { step, rows })
      yield {
        step: step + 1,
        metrics: {
          loss: result.loss,
          ...result.stats,
          ...metrics,
          grad_norm: gradientNorm,
          learning_rate: learningRate,
        },
        samples: drawSamples(own),
      }
    }
  } finally {
    await actor.dispose()
    await opponent.dispose()
    await gradient.dispose()
    await referenceLogProbs.dispose()
    await frozen.dispose()
  }
}
