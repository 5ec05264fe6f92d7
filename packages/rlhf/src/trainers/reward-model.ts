import { intArray, type NdArray, ndarray, valueAndGrad } from '@attune/grad'
import { bradleyTerry } from '../objectives/reward.ts'
import { chunksByLength } from '../rollout/chunks.ts'
import { rewardHead, scalarHead } from '../rollout/forward.ts'
import { lastTokens, type PackingOptions, packedPrompts } from '../rollout/packed-prompts.ts'
import { batchIndices } from '../rollout/schedule.ts'
import { lastStates, lengthOf, type Sequence } from '../rollout/sequences.ts'
import { accumulatedGradient, descend } from './gradient.ts'
import type { RunOptions, StepRecord, Trainable } from './types.ts'

/** Completions of one prompt from best to worst; a comparison is a ranking of two. */
export interface RankedCompletions {
  readonly prompt: readonly number[]
  /** Best first. */
  readonly completions: readonly (readonly number[])[]
  /** How much better each must be than any worse one (Llama 2's margin); default 0. */
  readonly margin?: number
}

/** Numbers of reward modelling. */
export interface RewardModelOptions extends RunOptions {
  /** Prompts per step; all pairs of a prompt's ranking are in one batch. */
  readonly batchSize: number
  readonly microBatchSize?: number
  /** Packs completions into rows of so many tokens, `microBatchSize` rows at a time; without it they are padded. */
  readonly packedLength?: number | undefined
  /** Weight of (r_w + r_l)², which centres rewards on zero; 0 is off. */
  readonly centring?: number
}

type Rows = ReturnType<typeof lastStates>

interface PairedBatch extends Rows {
  readonly better: NdArray
  readonly worse: NdArray
  readonly weight: NdArray
  readonly margin: NdArray
}

/** Reward modelling from comparisons or rankings (stage 2 of InstructGPT, Ouyang et al. 2022, reward modeling). */
export async function* rewardModel(
  { architecture, parameters, optimizer }: Trainable,
  data: readonly RankedCompletions[],
  {
    batchSize,
    microBatchSize = batchSize,
    packedLength,
    centring = 0,
    seed,
    start = 0,
    steps,
    device,
  }: RewardModelOptions,
): AsyncGenerator<StepRecord> {
  const gradient = valueAndGrad<[PairedBatch]>(
    (weights, { text, last, better, worse, ...batch }) => {
      const { hidden } = architecture.trunk(weights, { ...text, places: last })
      const reward = scalarHead(weights, rewardHead)(hidden)
      const pairs = { better: reward.gather(better), worse: reward.gather(worse), ...batch }
      const objective = bradleyTerry(pairs, centring)
      return { loss: objective.loss, stats: { ...objective.stats, reward } }
    },
    { device },
  )
  try {
    for (let step = start; step < steps; step++) {
      const indices = batchIndices(data.length, { batch: batchSize, step, seed })
      const rows = indices.map((index) => data[index]!)
      const rewards: number[] = []
      const parts = packedLength
        ? packedParts(rows, { width: packedLength, size: microBatchSize })
        : paddedParts(rows, microBatchSize)
      const counts = parts.map(({ count }) => count)
      const result = await accumulatedGradient(gradient, parameters, {
        microBatches: parts.map(({ batch }) => batch),
        observe: (aux) => rewards.push(...aux.reward!.data.slice(0, counts.shift())),
      })
      const { gradientNorm, learningRate } = descend({ parameters, optimizer }, result, {
        step,
        rows: indices,
      })
      yield {
        step: step + 1,
        metrics: {
          loss: result.loss,
          accuracy: result.stats.accuracy!,
          margin: result.stats.margin!,
          min_reward: Math.min(...rewards),
          mean_reward: rewards.reduce((a, b) => a + b, 0) / rewards.length,
          max_reward: Math.max(...rewards),
          grad_norm: gradientNorm,
          learning_rate: learningRate,
          epoch: ((step + 1) * batchSize) / data.length,
        },
      }
    }
  } finally {
    await gradient.dispose()
  }
}

function sequencesOf({ prompt, completions }: RankedCompletions): Sequence[] {
  return completions.map((completion) => ({ prompt, completion }))
}

function longest(row: RankedCompletions): number {
  return Math.max(...sequencesOf(row).map(lengthOf))
}

/** Rankings that are differentiated at one time; `count` is the number of their completions, behind which numbers may be filled up. */
interface RankedPart {
  readonly batch: PairedBatch
  readonly count: number
}

function paddedParts(rows: readonly RankedCompletions[], size: number): RankedPart[] {
  return chunksByLength(rows, { size, length: longest }).map((part) => {
    const sequences = part.flatMap(sequencesOf)
    return { batch: { ...lastStates(sequences), ...allPairs(part, rows.length) }, count: sequences.length }
  })
}

function packedParts(rows: readonly RankedCompletions[], options: PackingOptions): RankedPart[] {
  const sequences = rows.flatMap(sequencesOf)
  const owners = rows.flatMap(({ completions }, ranking) => completions.map(() => ranking))
  return packedPrompts(sequences, options).map((part) => {
    // a ranking's completions share their prompt, and so lie side by side in one part
    const rankings = [...new Set(part.members.map((member) => owners[member]!))].map((i) => rows[i]!)
    const pairs = allPairs(rankings, rows.length, pairBucket)
    return { batch: { ...lastTokens(sequences, part), ...pairs }, count: part.members.length }
  })
}

/** Pairs of packed rankings come in multiples of this, so that few programs are compiled. */
const pairBucket = 32

/** All pairs of every ranking, weighted 1/(n·pairs) with n the prompts of the whole batch; filled up with pairs of weight 0. */
function allPairs(
  rankings: readonly RankedCompletions[],
  prompts: number,
  multiple = 1,
): Omit<PairedBatch, keyof Rows> {
  const pairs: { better: number; worse: number; weight: number; margin: number }[] = []
  let first = 0
  for (const { completions, margin = 0 } of rankings) {
    const k = completions.length
    const weight = 1 / (prompts * ((k * (k - 1)) / 2))
    for (let better = 0; better < k; better++) {
      for (let worse = better + 1; worse < k; worse++) {
        pairs.push({ better: first + better, worse: first + worse, weight, margin })
      }
    }
    first += k
  }
  while (pairs.length % multiple > 0) pairs.push({ better: 0, worse: 0, weight: 0, margin: 0 })
  const shape = [pairs.length]
  const column = (name: keyof (typeof pairs)[number]) => pairs.map((pair) => pair[name])
  return {
    better: intArray(column('better'), shape),
    worse: intArray(column('worse'), shape),
    weight: ndarray(column('weight'), shape),
    margin: ndarray(column('margin'), shape),
  }
}
