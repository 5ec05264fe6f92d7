import type { Device } from '@attune/grad'
import { type Encoder, type Generator, generator, loadModel, type Model } from '@attune/lm'
import { lmJudge, modelReward, normalisedReward, type Preference, type Reward } from '@attune/rlhf'
import type { ModelRef } from './messages.ts'
import { encoderOf } from './prompt.ts'

/** A model ready to be asked. */
export interface Loaded {
  readonly model: Model
  readonly encoder: Encoder
  readonly sampler: Generator
  /** Scores with mean 0 and deviation 1 on the policy that the reward model's comparisons were sampled from. */
  readonly reward: Reward
  /** Which of two answers is better; `frame` is how many tokens the question has beside prompt and answers. */
  readonly judge: { readonly prefer: Preference; readonly frame: number }
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

/** What the programs of a sampler may each keep, in bytes: every length of prompt and answer makes new ones. */
const samplerMemory = 2e9

async function load(folder: string, device: Device): Promise<Loaded> {
  const model = await loadModel(folder)
  const sampler = generator(model.architecture, model.parameters, { device, memory: samplerMemory })
  const scorer = modelReward(model, { device })
  const { reward_mean: mean = 0, reward_deviation: deviation = 1 } = model.config as {
    reward_mean?: number
    reward_deviation?: number
  }
  const { judge, frame } = judgeOf(model, device)
  return {
    model,
    encoder: encoderOf(model.tokenizer),
    sampler,
    reward: normalisedReward(scorer, { mean, deviation }),
    judge: { prefer: judge, frame },
    dispose: async () => {
      await sampler.dispose()
      await scorer.dispose()
      await judge.dispose()
    },
  }
}

/** A model asked for one of two letters; both orders are asked (RLAIF, Lee et al. 2023). */
function judgeOf(model: Model, device: Device) {
  const encode = (text: string) => model.tokenizer.encode(text)
  const [before, between, after] = ['\n\nAnswer A:', '\n\nAnswer B:', '\n\nThe better answer is'].map(encode)
  const [a, b] = [' A', ' B'].map((letter) => encode(letter).at(-1)!)
  const judge = lmJudge(model, {
    ask: (prompt, answers) => [...prompt, ...before!, ...answers.a, ...between!, ...answers.b, ...after!],
    verdicts: [a!, b!],
    device,
  })
  return { judge, frame: before!.length + between!.length + after!.length }
}
