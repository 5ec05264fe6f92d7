import { cpu, type NdArray, ndarray, type Parameters, type Tensor, value, valueAndGrad } from '@attune/grad'
import type { Bootstrap } from './bootstrap.ts'
import type { LabelledPair } from './labels.ts'
import { lapsedPreferenceLoss } from './objective.ts'
import type { RewardFeatures } from './reward-features.ts'
import { type RewardNetwork, rewardOutputs, squaredWeights } from './reward-network.ts'

/** A minibatch of every member: rows [E, B·2·L, in], mask [E, B, 2, L], target [E, B], decay [E]. */
export interface TrainBatch {
  readonly inputs: NdArray
  readonly mask: NdArray
  readonly target: NdArray
  readonly decay: NdArray
}

/** Training (loss and gradients of all members) and prediction ([R, in] to [E, R]), each one program. */
export function rewardPrograms(
  network: RewardNetwork,
  { batchSize, lapse }: { readonly batchSize: number; readonly lapse: number },
) {
  const device = cpu({ threads: 1 })
  const train = valueAndGrad<[TrainBatch]>(
    (parameters, { inputs, mask, target, decay }) => {
      const sums = rewardOutputs(network, parameters, inputs)
        .reshape(mask.shape)
        .mul(mask)
        .sum({ axes: [3] })
      const [first, second] = [0, 1].map((side) => sums.slice(2, side, side + 1).squeeze(2))
      const weight = target.mul(0).add(1 / batchSize)
      const loss = lapsedPreferenceLoss({ first: first!, second: second!, target, weight }, lapse)
      return loss.add(squaredWeights(network, parameters).mul(decay).sum())
    },
    { device },
  )
  const predict = value<[Parameters, NdArray], Tensor>(
    (parameters, rows) =>
      rewardOutputs(network, parameters, rows.expandDims(0).broadcastTo([network.members, ...rows.shape])),
    { device },
  )
  return { train, predict }
}

/** Rows and labels of one update: `drawn` are indices of pairs, B for each member. */
export function trainBatch(
  pairs: readonly LabelledPair[],
  drawn: ReturnType<Bootstrap['batch']>,
  {
    features,
    decay,
    length,
  }: { readonly features: RewardFeatures; readonly decay: Float32Array; readonly length: number },
): TrainBatch {
  const members = decay.length
  const size = drawn.length / members
  const inputs = new Float32Array(drawn.length * 2 * length * features.width)
  const mask = new Float32Array(drawn.length * 2 * length)
  const target = new Float32Array(drawn.length)
  for (const [at, index] of drawn.entries()) {
    const pair = pairs[index]!
    target[at] = pair.target
    for (const [side, clip] of [pair.first, pair.second].entries()) {
      const row = (at * 2 + side) * length
      features.write(clip, inputs, row)
      mask.fill(1, row, row + clip.steps)
    }
  }
  return {
    inputs: ndarray(inputs, [members, size * 2 * length, features.width]),
    mask: ndarray(mask, [members, size, 2, length]),
    target: ndarray(target, [members, size]),
    decay: ndarray(decay.slice(), [members]),
  }
}

const chunkRows = 1024

/** Rewards of rows [R, in] by every member, [E][R], in chunks of one size so that one program serves all. */
export async function predictRows(
  predict: ReturnType<typeof rewardPrograms>['predict'],
  { parameters, members }: { readonly parameters: Parameters; readonly members: number },
  { rows, width }: { readonly rows: Float32Array; readonly width: number },
): Promise<Float32Array[]> {
  const count = rows.length / width
  const outputs = Array.from({ length: members }, () => new Float32Array(count))
  for (let from = 0; from < count; from += chunkRows) {
    const chunk = new Float32Array(chunkRows * width)
    chunk.set(rows.subarray(from * width, (from + chunkRows) * width))
    const { data } = await predict(parameters, ndarray(chunk, [chunkRows, width]))
    const taken = Math.min(chunkRows, count - from)
    for (let e = 0; e < members; e++)
      outputs[e]!.set((data as Float32Array).subarray(e * chunkRows, e * chunkRows + taken), from)
  }
  return outputs
}
