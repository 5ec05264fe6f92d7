import type { Device, Parameters } from '@attune/grad'
import { type Architecture, type Completion, generator, weightsOf } from '@attune/lm'

/** Numbers of sampling. */
export interface SamplingNumbers {
  readonly maxNewTokens: number
  readonly temperature: number
  /** The token that ends a completion, or all that do. */
  readonly endOfText: number | readonly number[]
}

/** Draws one completion of every prompt from the policy as it is now. */
export interface Sampler {
  readonly sample: (
    prompts: readonly (readonly number[])[],
    options: SamplingNumbers & { readonly seed: number },
  ) => Promise<Completion[]>
  readonly dispose: () => Promise<void>
}

/** A sampler of a policy that changes: small models are packed anew at every call, large ones read where they lie. */
export function sampler(
  { architecture, parameters }: { architecture: Architecture; parameters: Parameters },
  { device }: { device: Device },
): Sampler {
  const weights = weightsOf({ architecture, parameters })
  const held = weights === 'held' ? generator(architecture, parameters, { device, weights }) : undefined
  const sample: Sampler['sample'] = async (prompts, options) => {
    const current = held ?? generator(architecture, parameters, { device, weights })
    const completions = await current.generate(prompts, options)
    if (!held) await current.dispose()
    return completions
  }
  return { sample, dispose: async () => held?.dispose() }
}
