import { readFileSync } from 'node:fs'
import { adamw, cpu, ndarray, type Parameters } from '@attune/grad'
import { architectureOf, type Completion, parseConfig } from '@attune/lm'
import { describe, expect, test } from 'vitest'
import {
  batchIndices,
  clipped,
  correctedK3Penalty,
  directPreference,
  dpo,
  type GrpoOptions,
  type GrpoRun,
  grpo,
  kto,
  leaveOneOut,
  processRewardModel,
  remembered,
  rewardModel,
  type Sampler,
  type Sequence,
  type StepRecord,
  sequenceLogProbs,
  sequenceMean,
  sft,
  standardisedInGroup,
  tokenMean,
  tokenRatio,
  unpairedPreference,
  wholeSequenceRatio,
} from '../src/index.ts'
import { collect } from './tiny.ts'

interface Packed {
  readonly shape: readonly number[]
  readonly base64: string
}

interface Trajectory {
  readonly losses: readonly number[]
  readonly gradNorms: readonly number[]
  readonly rewards?: readonly number[]
}

const golden = JSON.parse(readFileSync('packages/rlhf/fixtures/trajectories.json', 'utf8')) as {
  readonly config: Record<string, unknown>
  readonly parameters: Readonly<Record<string, Packed>>
  readonly head: Packed
  readonly stepHead: Packed
  readonly stepBias: Packed
  readonly separator: number
  readonly stepLabels: readonly boolean[][]
  readonly batch: number
  readonly group: number
  readonly most: number
  readonly end: number
  readonly prompts: readonly number[][]
  readonly chosen: readonly number[][]
  readonly rejected: readonly number[][]
  readonly labels: readonly boolean[]
  readonly groups: readonly number[][][]
} & Readonly<
  Record<
    'process' | 'sft' | 'dpo' | 'kto' | 'reward' | 'grpo' | 'grpoCorrected' | 'dapo' | 'rloo',
    Trajectory
  >
>

const device = cpu({ threads: 1 })
const steps = 10
const { batch, group, end } = golden

function arrayOf({ shape, base64 }: Packed) {
  return ndarray(new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer), shape)
}

function policy(head = false) {
  const parameters: Parameters = Object.fromEntries(
    Object.entries(golden.parameters).map(([name, packed]) => [name, arrayOf(packed)]),
  )
  if (head) parameters['score.weight'] = arrayOf(golden.head)
  return {
    architecture: architectureOf(parseConfig(golden.config, 'golden')),
    parameters,
    optimizer: adamw({ learningRate: 1e-2, maxGradientNorm: 1 }),
  }
}

/** Rows placed so that the trainer, which permutes them, meets them in TRL's order; each batch reversed on demand. */
function inOrder<T>(rows: readonly T[], { reversed = false } = {}): T[] {
  const wanted = rows.map((_, i) => {
    const first = i - (i % batch)
    return rows[reversed ? first + batch - 1 - (i % batch) : i]!
  })
  const placed: T[] = [...rows]
  batchIndices(rows.length, { batch: rows.length, step: 0, seed: 0 }).forEach((place, i) => {
    placed[place] = wanted[i]!
  })
  return placed
}

const ended = (ids: readonly number[]) => [...ids, end]
const common = { batchSize: batch, seed: 0, steps, device }
const frozen = () => remembered(sequenceLogProbs(policy(), { device }))

/** The largest differences of ten steps: losses absolutely, gradient norms relatively. */
function expectTrajectory(records: readonly StepRecord[], { losses, gradNorms, rewards }: Trajectory) {
  expect(records).toHaveLength(steps)
  records.forEach(({ metrics }, i) => {
    expect(Math.abs(metrics.loss! - losses[i]!), `loss of step ${i + 1}`).toBeLessThan(1e-3)
    expect(Math.abs(metrics.grad_norm! / gradNorms[i]! - 1), `norm of step ${i + 1}`).toBeLessThan(1e-3)
    if (rewards) expect(metrics.reward).toBeCloseTo(rewards[i]!, 4)
  })
}

describe('ten optimiser steps give TRL’s losses and gradient norms', () => {
  test('supervised fine-tuning', async () => {
    const rows = golden.prompts.map((prompt, i) => ({ prompt, completion: ended(golden.chosen[i]!) }))
    expectTrajectory(await collect(sft(policy(), inOrder(rows), common)), golden.sft)
  })

  test('DPO', async () => {
    const pairs = golden.prompts.map((prompt, i) => ({
      prompt,
      chosen: ended(golden.chosen[i]!),
      rejected: ended(golden.rejected[i]!),
    }))
    const options = { ...common, loss: dpo({ beta: 0.3 }), beta: 0.3, reference: frozen() }
    const records = await collect(directPreference(policy(), inOrder(pairs), options))
    expect(records[0]!.metrics.loss).toBeCloseTo(Math.LN2, 5)
    expectTrajectory(records, golden.dpo)
  })

  test('KTO', async () => {
    const rows = golden.prompts.map((prompt, i) => ({
      prompt,
      completion: ended(golden.chosen[i]!),
      desirable: golden.labels[i]!,
    }))
    // TRL pairs a prompt with the completion before it, we with the one behind it
    const data = inOrder(rows, { reversed: true })
    const options = { ...common, loss: kto({ beta: 0.3 }), beta: 0.3, undesirableWeight: 1.2 }
    const records = await collect(unpairedPreference(policy(), data, { ...options, reference: frozen() }))
    expectTrajectory(records, golden.kto)
  })

  test('reward model', async () => {
    const rows = golden.prompts.map((prompt, i) => ({
      prompt,
      completions: [ended(golden.chosen[i]!), ended(golden.rejected[i]!)],
    }))
    const options = { ...common, centring: 0.01 }
    expectTrajectory(await collect(rewardModel(policy(true), inOrder(rows), options)), golden.reward)
  })

  test('process reward model', async () => {
    const model = policy()
    model.parameters['score.weight'] = arrayOf(golden.stepHead)
    model.parameters['score.bias'] = arrayOf(golden.stepBias)
    const rows = golden.prompts.map((prompt, i) => ({
      prompt,
      steps: [golden.chosen[i]!, golden.rejected[i]!].map((ids) => [...ids, golden.separator]),
      right: golden.stepLabels[i]!,
    }))
    expectTrajectory(await collect(processRewardModel(model, inOrder(rows), common)), golden.process)
  })

  /** Draws the completions that TRL learnt from. */
  const given: Sampler = {
    sample: async (prompts) => {
      const step = golden.prompts.indexOf(prompts[0] as number[])
      const rows = golden.groups.slice(step, step + batch / group).flat()
      return rows.map((tokens): Completion => {
        const finishReason = tokens.at(-1) === end ? 'stop' : 'length'
        return { tokens, finishReason, logprobs: [], entropies: [] }
      })
    },
    dispose: async () => {},
  }
  const score = ({ completion }: Sequence) =>
    completion.filter((id) => id === 7 || id === 9).length + 0.1 * completion.length
  const groupRun = (): GrpoRun => ({
    policy: policy(),
    sampler: given,
    reward: (samples) => samples.map(score),
    prompts: (step) => golden.prompts.slice((step * batch) / group, ((step + 1) * batch) / group),
    objective: { surrogate: clipped(), ratio: tokenRatio, aggregation: sequenceMean, klCoefficient: 0 },
    advantage: standardisedInGroup,
  })
  const numbers: GrpoOptions = {
    seed: 0,
    steps,
    device,
    maxNewTokens: golden.most,
    temperature: 1,
    endOfText: end,
    groupSize: group,
    iterations: 1,
    minibatches: 1,
    microBatchSize: batch,
    rewardKlCoefficient: 0,
    maskTruncated: false,
    samplingRounds: 1,
  }

  test('GRPO with a penalty on KL', async () => {
    const run = groupRun()
    const objective = { ...run.objective, klCoefficient: 0.1 }
    const penalised = { ...run, reference: policy(), objective }
    expectTrajectory(await collect(grpo(penalised, numbers)), golden.grpo)
    const corrected = { ...penalised, objective: { ...objective, klPenalty: correctedK3Penalty } }
    const again = await collect(grpo({ ...corrected, policy: policy() }, numbers))
    expectTrajectory(again, golden.grpoCorrected)
  })

  test('DAPO', async () => {
    const run = groupRun()
    const objective = { ...run.objective, surrogate: clipped({ high: 0.28 }), aggregation: tokenMean }
    expectTrajectory(await collect(grpo({ ...run, objective }, numbers)), golden.dapo)
  })

  test('RLOO', async () => {
    const run = groupRun()
    const objective = { ...run.objective, ratio: wholeSequenceRatio }
    const penalised = { ...run, objective, reference: policy(), advantage: leaveOneOut }
    expectTrajectory(await collect(grpo(penalised, { ...numbers, rewardKlCoefficient: 0.05 })), golden.rloo)
  })
})
