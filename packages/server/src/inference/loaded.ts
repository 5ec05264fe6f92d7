import type { Device } from '@attune/grad'
import { type Encoder, type Generator, generator, loadModel, type Model } from '@attune/lm'
import { modelReward, normalisedReward, type Reward } from '@attune/rlhf'
import type { ModelRef } from './messages.ts'
import { encoderOf } from './prompt.ts'

/** A model ready to be asked. */
export interface Loaded {
  readonly model: Model
  readonly encoder: Encoder
  readonly sampler: Generator
  /** Scores with mean 0 and deviation 1 on the policy that the reward model's comparisons were sampled from. */
  readonly reward: Reward
  readonly dispose: () => Promise<void>
}

/** Gives loaded models, of which the `capacity` last used stay in memory. */
export function loadedModels({ device, capacity = 2 }: { device: Device; capacity?: number }) {
  const held = new Map<string, Promise<Loaded>>()

  return async (ref: ModelRef): Promise<Loaded> => {
    const key = `${ref.folder}\n${ref.stamp}`
    const found = held.get(key) ?? load(ref.folder, device)
    held.delete(key)
    held.set(key, found)
    found.catch(() => held.delete(key))
    const [oldest] = held.keys()
    if (held.size > capacity && oldest !== undefined) {
      const leaving = held.get(oldest)!
      held.delete(oldest)
      await (await leaving).dispose()
    }
    return found
  }
}

async function load(folder: string, device: Device): Promise<Loaded> {
  const model = await loadModel(folder)
  const sampler = generator(model.architecture, model.parameters, { device })
  const scorer = modelReward(model, { device })
  const { reward_mean: mean = 0, reward_deviation: deviation = 1 } = model.config as {
    reward_mean?: number
    reward_deviation?: number
  }
  return {
    model,
    encoder: encoderOf(model.tokenizer),
    sampler,
    reward: normalisedReward(scorer, { mean, deviation }),
    dispose: async () => {
      await sampler.dispose()
      await scorer.dispose()
    },
  }
}
