import { join } from 'node:path'
import { calibration, mean } from '@attune/feedback'
import { type Model, readJson, writeFileAtomic } from '@attune/lm'
import type { Reward } from '@attune/rlhf'
import type { JudgedPair } from '../report/data.ts'
import type { StageContext } from '../run/context.ts'
import { shownPrompt } from '../view/prompt.ts'
import { allowedAccuracy, type JudgedPrompt } from './comparisons.ts'

/** Held-out judgments that a report shows: the first ones, and those that the model gets wrong most surely. */
const shown = { first: 6, mistakes: 3 }

/** Rewards of every completion of every judgment, in the judged order: best first. */
export async function scoreAll(reward: Reward, judgments: readonly JudgedPrompt[]): Promise<number[][]> {
  const flat = await reward(
    judgments.flatMap(({ prompt, completions }) => completions.map((completion) => ({ prompt, completion }))),
  )
  let next = 0
  return judgments.map(({ completions }) => completions.map(() => flat[next++]!))
}

/** The rewards before training; those that an interrupted run has kept are not computed again. */
export async function scoresBefore(
  context: Pick<StageContext, 'folder' | 'resume'>,
  score: () => Promise<number[][]>,
): Promise<number[][]> {
  const file = join(context.folder, 'held-out-before.json')
  const kept = context.resume ? await readJson(file).catch(() => undefined) : undefined
  if (kept) return kept.scores as number[][]
  const scores = await score()
  await writeFileAtomic(file, [JSON.stringify({ scores })])
  return scores
}

/** Accuracy over all pairs of the held-out judgments before and after training, what the noise allows, calibration of σ(r_w − r_l), and samples. */
export function heldOutReport(
  judgments: readonly JudgedPrompt[],
  {
    before,
    after,
    tokenizer,
  }: {
    before: readonly number[][]
    after: readonly number[][]
    tokenizer: Pick<Model['tokenizer'], 'decode' | 'beginOfText'>
  },
): Record<string, unknown> {
  const gaps = after.flatMap(gapsOf)
  const categories = accuracyByCategory(
    judgments.map(({ category }, i) => ({ category, gaps: gapsOf(after[i]!) })),
  )
  // each pair is seen once from either side, so that the predictions cover all of [0, 1]
  const predicted = gaps.map((gap, i) => 1 / (1 + Math.exp(i % 2 === 0 ? -gap : gap)))
  const sample = (i: number): JudgedPair => {
    const { prompt, completions } = judgments[i]!
    const text = (place: number) => ({
      text: tokenizer.decode(completions.at(place)!),
      before: before[i]!.at(place)!,
      after: after[i]!.at(place)!,
    })
    return { prompt: shownPrompt(tokenizer, prompt), chosen: text(0), rejected: text(-1) }
  }
  return {
    rewardAccuracyBefore: accuracyOf(before.flatMap(gapsOf)),
    rewardAccuracy: accuracyOf(gaps),
    rewardMargin: mean(gaps),
    ...(categories.length > 0 ? { accuracyByCategory: categories } : {}),
    allowedAccuracy: allowedAccuracy(judgments),
    pairs: gaps.length,
    calibration: calibration(
      predicted,
      gaps.map((_, i) => i % 2 === 0),
    ),
    samples: judgments.slice(0, shown.first).map((_, i) => sample(i)),
    mistakes: surestMistakes(after).slice(0, shown.mistakes).map(sample),
  }
}

/** Places of the judgments whose worst completion is scored above the best, the widest gap first. */
export function surestMistakes(scores: readonly (readonly number[])[]): number[] {
  const gap = (i: number) => scores[i]!.at(0)! - scores[i]!.at(-1)!
  return [...scores.keys()].filter((i) => gap(i) < 0).sort((a, b) => gap(a) - gap(b))
}

/** Accuracy on the held-out pairs of one category. */
export interface CategoryAccuracy {
  readonly category: string
  readonly accuracy: number
  readonly pairs: number
}

/** Accuracy of every category that the held-out rows name, as RewardBench reports it (Lambert et al. 2024). */
export function accuracyByCategory(
  judged: readonly { readonly category?: string | undefined; readonly gaps: readonly number[] }[],
): CategoryAccuracy[] {
  const names = [...new Set(judged.flatMap(({ category }) => category ?? []))].sort()
  return names.map((category) => {
    const gaps = judged.filter((one) => one.category === category).flatMap((one) => one.gaps)
    return { category, accuracy: accuracyOf(gaps), pairs: gaps.length }
  })
}

function gapsOf(row: readonly number[]): number[] {
  return row.flatMap((better, i) => row.slice(i + 1).map((worse) => better - worse))
}

/** Share of positive gaps, ties counting ½. */
function accuracyOf(gaps: readonly number[]): number {
  return mean(gaps.map((gap) => (gap > 0 ? 1 : gap === 0 ? 0.5 : 0)))
}
