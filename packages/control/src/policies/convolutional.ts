import { type Parameters, type Tensor, zeros } from '@attune/grad'
import { type Box, type Space, spaceSize } from '../envs/space.ts'
import { type ActorCritic, compiledActing } from './actor-critic.ts'
import { distributionOf } from './distribution.ts'
import { orthogonal } from './orthogonal.ts'

const kernel = 3

/**
 * A small convolutional policy for MinAtar's pictures [channels, height, width]: 16 filters of 3 × 3, a layer of 128, then the
 * policy's and the critic's heads on one trunk (Young and Tian 2019, §4).
 */
export function convolutionalActorCritic(
  { observationSpace, actionSpace }: { readonly observationSpace: Box; readonly actionSpace: Space },
  { filters = 16, hidden = 128 }: { readonly filters?: number; readonly hidden?: number } = {},
): ActorCritic {
  const [channels, height, width] = observationSpace.shape
  if (observationSpace.shape.length !== 3)
    throw new RangeError(
      `a convolutional policy needs observations [channels, height, width], these are [${observationSpace.shape}]`,
    )
  if (height! < kernel || width! < kernel)
    throw new RangeError(
      `a convolutional policy needs boards of at least ${kernel} × ${kernel}, these are ${height} × ${width}`,
    )
  const distribution = distributionOf(actionSpace)
  const observationSize = spaceSize(observationSpace)
  const features = filters * (height! - kernel + 1) * (width! - kernel + 1)

  const initial = (seed: number): Parameters => {
    const matrix = (name: string, [rows, columns]: readonly [number, number], gain: number) => ({
      [`${name}.weight`]: orthogonal([rows, columns], { gain, seed, name }),
      [`${name}.bias`]: zeros([rows]),
    })
    const convolution = matrix('network.0', [filters, channels! * kernel * kernel], Math.SQRT2)
    return {
      ...distribution.parameters(),
      ...convolution,
      'network.0.weight': {
        ...convolution['network.0.weight']!,
        shape: [filters, channels!, kernel, kernel],
      },
      ...matrix('network.3', [hidden, features], Math.SQRT2),
      ...matrix('actor', [distribution.headSize, hidden], 0.01),
      ...matrix('critic', [1, hidden], 1),
    }
  }
  const forward = (parameters: Readonly<Record<string, Tensor>>, observations: Tensor) => {
    const linear = (name: string, x: Tensor) =>
      x.linear(parameters[`${name}.weight`]!, { bias: parameters[`${name}.bias`], transposeB: true })
    const rows = observations.shape[0]!
    const image = observations.reshape([rows, channels!, height!, width!])
    const filtered = image
      .conv2d(parameters['network.0.weight']!)
      .add(parameters['network.0.bias']!.reshape([1, filters, 1, 1]))
      .relu()
    const trunk = linear('network.3', filtered.reshape([rows, features])).relu()
    return { heads: linear('actor', trunk), values: linear('critic', trunk).squeeze(1) }
  }
  return {
    observationSize,
    distribution,
    initial,
    forward,
    acting: (parameters) => compiledActing({ forward, observationSize }, parameters),
  }
}
