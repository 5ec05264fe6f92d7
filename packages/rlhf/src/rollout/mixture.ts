import { concat, type Parameters, type Tensor } from '@attune/grad'
import type { Architecture, TrunkInput } from '@attune/lm'

interface Model {
  readonly architecture: Architecture
  readonly parameters: Parameters
}

/**
 * The geometric mixture π^(1 − c)·π_ref^c, renormalised, as one model: its logits are those of both, weighed, so its final hidden
 * states are theirs side by side (Nash-MD, Munos et al. 2023). Reads both models' arrays as they are at every call. Throws
 * unless both have one vocabulary and one shape of attention.
 */
export function geometricMixture(policy: Model, reference: Model, coefficient: number): Model {
  const { frozen: _, ...a } = policy.architecture // each trunk reads its own
  const b = reference.architecture
  if (
    a.vocabularySize !== b.vocabularySize ||
    a.cache.heads !== b.cache.heads ||
    a.cache.width !== b.cache.width
  )
    throw new TypeError(
      'policy and reference have other vocabularies or attention heads; a mixture needs one shape',
    )
  const ours = (all: Readonly<Record<string, Tensor>>) => part(all, 'policy.')
  const theirs = (all: Readonly<Record<string, Tensor>>) => part(all, 'reference.')
  const layersOf = (input: TrunkInput, from: number, to?: number): TrunkInput =>
    input.past ? { ...input, past: { ...input.past, layers: input.past.layers.slice(from, to) } } : input
  const architecture: Architecture = {
    ...a,
    parameters: { ...prefixed(a.parameters, 'policy.'), ...prefixed(b.parameters, 'reference.') },
    contextLength: Math.min(a.contextLength, b.contextLength),
    width: a.width + b.width,
    cache: { ...a.cache, layers: a.cache.layers + b.cache.layers },
    outputEmbedding: '',
    unembedding: (all) => concat([a.unembedding(ours(all)), b.unembedding(theirs(all))], 1),
    trunk: (all, input) => {
      const own = a.trunk(ours(all), layersOf(input, 0, a.cache.layers))
      const other = b.trunk(theirs(all), layersOf(input, a.cache.layers))
      return {
        hidden: concat([own.hidden.mul(1 - coefficient), other.hidden.mul(coefficient)], -1),
        layers: [...own.layers, ...other.layers],
      }
    },
  }
  const parameters = {
    ...prefixed(policy.parameters, 'policy.'),
    ...prefixed(reference.parameters, 'reference.'),
  }
  return { architecture, parameters }
}

function prefixed<T>(record: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]))
}

function part<T>(record: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  const own = Object.entries(record).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]))
}
