import { cpu, type NdArray, ndarray, type Parameters, type Tensor, value } from '@attune/grad'
import { type Box, type Space, spaceSize } from '../envs/space.ts'
import { type Distribution, distributionOf } from './distribution.ts'
import { type Perceptron, perceptron, perceptronParameters, plainPerceptron } from './perceptron.ts'

type Traced = Readonly<Record<string, Tensor>>

/** Heads [B, head] of the policy's distribution and values [B] of observations [B, observation]. */
export interface Forward<Array> {
  readonly heads: Array
  readonly values: Array
}

/** A policy with its critic, as data: how parameters are made, and what they compute. */
export interface ActorCritic {
  readonly observationSize: number
  readonly distribution: Distribution
  readonly initial: (seed: number) => Parameters
  /** As part of a program. */
  readonly forward: (parameters: Traced, observations: Tensor) => Forward<Tensor>
  /** On numbers, for acting, with the arrays that the parameters have now: what changes them in place is seen at the next call. */
  readonly acting: (parameters: Parameters) => Acting
}

/** Heads and values of a batch of observations; `dispose` frees the program behind it. */
export interface Acting {
  readonly forward: (observations: Float32Array) => Forward<Float32Array> | Promise<Forward<Float32Array>>
  readonly dispose: () => Promise<void>
}

/**
 * Two perceptrons that share nothing, under CleanRL's names: `actor_mean` and `actor_logstd` for a box, `actor` for a
 * discrete space, `critic`. The policy's last layer starts near zero (gain 0.01), the critic's with gain 1.
 */
export function mlpActorCritic(
  { observationSpace, actionSpace }: { readonly observationSpace: Box; readonly actionSpace: Space },
  { hidden = [64, 64] }: { readonly hidden?: readonly number[] } = {},
): ActorCritic {
  const distribution = distributionOf(actionSpace)
  const observationSize = spaceSize(observationSpace)
  const actor: Perceptron = {
    name: actionSpace.kind === 'box' ? 'actor_mean' : 'actor',
    sizes: [observationSize, ...hidden, distribution.headSize],
    lastGain: 0.01,
  }
  const critic: Perceptron = { name: 'critic', sizes: [observationSize, ...hidden, 1], lastGain: 1 }
  const forward: ActorCritic['forward'] = (parameters, observations) => ({
    heads: perceptron(actor, parameters, observations),
    values: perceptron(critic, parameters, observations).squeeze(1),
  })
  return {
    observationSize,
    distribution,
    initial: (seed) => ({
      ...distribution.parameters(),
      ...perceptronParameters(actor, seed),
      ...perceptronParameters(critic, seed),
    }),
    forward,
    acting: (parameters) => {
      const [heads, values] = [plainPerceptron(actor, parameters), plainPerceptron(critic, parameters)]
      const many = compiledActing({ forward, observationSize }, parameters)
      return {
        forward: (observations) =>
          observations.length <= fewRows * observationSize
            ? { heads: heads(observations), values: values(observations) }
            : many.forward(observations),
        dispose: many.dispose,
      }
    },
  }
}

/** Plain loops take 24 µs a state of Hopper, a call of ONNX Runtime 70 to 160 µs for 1 to 8 states. */
const fewRows = 2

/** Acting by a compiled program, for networks that are too large for plain loops. */
export function compiledActing<Name extends string>(
  { forward, observationSize }: CompiledNetwork<Name>,
  parameters: Parameters,
): CompiledActing<Name> {
  const program = value<[Parameters, NdArray], Readonly<Record<Name, Tensor>>>(forward, {
    device: cpu({ threads: 1 }),
  })
  return {
    forward: async (observations) => {
      const shape = [observations.length / observationSize, observationSize]
      const outputs: object = await program(parameters, ndarray(observations, shape))
      const arrays = Object.entries<NdArray>({ ...outputs }).map(([name, { data }]) => [name, data])
      return Object.fromEntries(arrays) as Record<Name, Float32Array>
    },
    dispose: program.dispose,
  }
}

interface CompiledNetwork<Name extends string> {
  readonly observationSize: number
  readonly forward: (parameters: Traced, observations: Tensor) => Readonly<Record<Name, Tensor>>
}

interface CompiledActing<Name extends string> {
  readonly forward: (observations: Float32Array) => Promise<Readonly<Record<Name, Float32Array>>>
  readonly dispose: () => Promise<void>
}
