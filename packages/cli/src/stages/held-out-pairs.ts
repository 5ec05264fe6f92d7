import { mean } from '@attune/feedback'
import { type Device, randomKey } from '@attune/grad'
import { generator, type Model } from '@attune/lm'
import type { PreferencePair, Sequence, SequenceScores } from '@attune/rlhf'
import type { DpoStage } from '../recipe/schema.ts'
import { shownPrompt } from '../view/prompt.ts'
import { implicitAccuracy, sequenceKl } from './implicit-reward.ts'
import { endOfText } from './rows.ts'

/** A policy before and after it was optimised on preferences, on pairs that it did not see. */
export interface HeldOutPairs {
  readonly pairs: number
  /** Share of pairs that the implicit reward β·log π/π_ref orders right; a policy that has not moved orders none, which counts ½. */
  readonly preferenceAccuracy: number
  /** Mean implicit reward of the chosen less that of the rejected. */
  readonly rewardMargin: number
  /** Share of pairs whose chosen completion is the likelier one, per token, under the reference and under the policy. */
  readonly likelihoodBefore: number
  readonly likelihoodAfter: number
}

/** Scores the held-out pairs under both; undefined without pairs. */
export async function heldOutPairs(
  pairs: readonly PreferencePair[],
  { policy, reference, beta }: { policy: SequenceScores; reference: SequenceScores; beta: number },
): Promise<HeldOutPairs | undefined> {
  if (pairs.length === 0) return undefined
  const sequences = pairs.flatMap(({ prompt, chosen, rejected }) => [
    { prompt, completion: chosen },
    { prompt, completion: rejected },
  ])
  const [after, before] = [await policy(sequences), await reference(sequences)]
  const ratios = inPairs(after.map((logp, i) => logp - before[i]!))
  const perToken = (sums: readonly number[]) =>
    inPairs(sums.map((logp, i) => logp / sequences[i]!.completion.length))
  return {
    pairs: pairs.length,
    preferenceAccuracy: implicitAccuracy(ratios)!,
    rewardMargin: beta * mean(ratios.map(([chosen, rejected]) => chosen - rejected)),
    likelihoodBefore: implicitAccuracy(perToken(before))!,
    likelihoodAfter: implicitAccuracy(perToken(after))!,
  }
}

function inPairs(numbers: readonly number[]): [number, number][] {
  return Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i]!, numbers[2 * i + 1]!])
}

/** Completions of held-out prompts before and after, and how far the policy went. */
export interface HeldOutSamples {
  /** Mean of Σ_t log π(y_t)/π_ref(y_t) over the policy's completions, in nats: an unbiased estimate of the KL. */
  readonly kl: number
  readonly samples: readonly {
    readonly prompt: string
    readonly before: { readonly text: string }
    readonly after: { readonly text: string }
  }[]
}

/** Samples both models on prompts of held-out pairs. */
export async function heldOutSamples(
  pairs: readonly PreferencePair[],
  {
    policy,
    reference,
    sampling,
    seed,
    device,
  }: {
    policy: Model
    reference: Model
    sampling: NonNullable<DpoStage['held_out_samples']>
    seed: number
    device: Device
  },
): Promise<HeldOutSamples> {
  const prompts = [...new Set(pairs.map(({ prompt }) => prompt))].slice(0, sampling.prompts)
  const completed = async (model: Model): Promise<Sequence[]> => {
    const { generate, dispose } = generator(model.architecture, model.parameters, { device })
    const completions = await generate(prompts, {
      maxNewTokens: sampling.max_new_tokens,
      temperature: sampling.temperature,
      endOfText: endOfText(model),
      seed: randomKey(seed, 'held-out samples').int(2 ** 31),
    })
    await dispose()
    return completions.map(({ tokens }, i) => ({ prompt: prompts[i]!, completion: tokens }))
  }
  const [before, after] = [await completed(reference), await completed(policy)]
  const { temperature } = sampling
  const kl = await sequenceKl(policy, reference, { sequences: after, device, temperature, batchSize: 8 })
  const text = (tokens: readonly number[]) => policy.tokenizer.decode(tokens)
  return {
    kl: mean(kl),
    samples: prompts.map((prompt, i) => ({
      prompt: shownPrompt(policy.tokenizer, prompt),
      before: { text: text(before[i]!.completion) },
      after: { text: text(after[i]!.completion) },
    })),
  }
}
