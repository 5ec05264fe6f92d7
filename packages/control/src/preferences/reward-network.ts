import { type FloatArray, ndarray, type Parameters, randomKey, type Tensor, where, zeros } from '@attune/grad'
import { type Space, spaceSize } from '../envs/space.ts'

/** An ensemble of perceptrons r̂(s, a), computed as one program: the first axis is the member. */
export interface RewardNetwork {
  readonly members: number
  /** Sizes of input, hidden layers and output. */
  readonly sizes: readonly number[]
}

/** Members with two hidden layers of 64, as Christiano et al. (2017, appendix A.1) have for MuJoCo. */
export function rewardNetwork(
  { observationSpace, actionSpace }: { readonly observationSpace: Space; readonly actionSpace: Space },
  { members = 3, hidden = [64, 64] }: { members?: number; hidden?: readonly number[] } = {},
): RewardNetwork {
  const actionSize = actionSpace.kind === 'discrete' ? actionSpace.n : spaceSize(actionSpace)
  return { members, sizes: [spaceSize(observationSpace) + actionSize, ...hidden, 1] }
}

/** Initial weights N(0, 1/in), those of the last layer times `outputScale`, biases 0; every member its own. */
export function rewardParameters(
  { members, sizes }: RewardNetwork,
  seed: number,
  { outputScale = 1 }: { readonly outputScale?: number } = {},
): Parameters {
  const weights = (layer: number): FloatArray => {
    const [ins, outs] = [sizes[layer]!, sizes[layer + 1]!]
    const { normal } = randomKey(seed, 'reward', layer)
    const deviation = (layer === sizes.length - 2 ? outputScale : 1) / Math.sqrt(ins)
    const data = Float32Array.from({ length: members * ins * outs }, () => normal() * deviation)
    return ndarray(data, [members, ins, outs])
  }
  return Object.fromEntries(
    layers(sizes).flatMap((layer) => [
      [`${layer}.weight`, weights(layer)],
      [`${layer}.bias`, zeros([members, 1, sizes[layer + 1]!])],
    ]),
  )
}

/** Rewards [E, R] of inputs [E, R, in]. */
export function rewardOutputs(
  network: RewardNetwork,
  parameters: Readonly<Record<string, Tensor>>,
  inputs: Tensor,
): Tensor {
  return ensembleOutputs(network, parameters, inputs).squeeze(2)
}

/** The last layers [E, R, out] of inputs [E, R, in]; leaky rectifiers of slope 0.01 between the layers. */
export function ensembleOutputs(
  { sizes }: RewardNetwork,
  parameters: Readonly<Record<string, Tensor>>,
  inputs: Tensor,
): Tensor {
  const last = sizes.length - 2
  return layers(sizes).reduce((x, layer) => {
    const y = x.matmul(parameters[`${layer}.weight`]!).add(parameters[`${layer}.bias`]!)
    return layer === last ? y : leakyRectifier(y)
  }, inputs)
}

/** max(x, 0.01 x), as a product with the slope: a quarter of the operations that the derivative of a maximum takes. */
function leakyRectifier(x: Tensor): Tensor {
  return x.mul(where(x.less(0), 0.01, 1).stopGradient())
}

/** Σ of squared weights of each member [E]. */
export function squaredWeights(
  { sizes }: RewardNetwork,
  parameters: Readonly<Record<string, Tensor>>,
): Tensor {
  return layers(sizes)
    .map((layer) => parameters[`${layer}.weight`]!.square().sum({ axes: [1, 2] }))
    .reduce((a, b) => a.add(b))
}

function layers(sizes: readonly number[]): number[] {
  return Array.from({ length: sizes.length - 1 }, (_, layer) => layer)
}
