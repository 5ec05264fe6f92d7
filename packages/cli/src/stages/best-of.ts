import { join } from 'node:path'
import { mean } from '@attune/feedback'
import { randomKey } from '@attune/grad'
import { loadModel, type Model } from '@attune/lm'
import { sampler } from '@attune/rlhf'
import { UserError } from '../errors.ts'
import type { BestOfStage } from '../recipe/schema.ts'
import { type AskedPrompt, readAsked } from '../rewards/asked.ts'
import { recipeReward } from '../rewards/rewards.ts'
import { Interrupted, type StageContext, sourcePath } from '../run/context.ts'
import { writeRows } from '../run/jsonl.ts'
import { progress } from '../view/progress.ts'
import { endOfText } from './rows.ts'

interface Candidate {
  readonly tokens: readonly number[]
  readonly score: number
}

interface Best {
  readonly asked: AskedPrompt
  readonly best: Candidate
  readonly scores: readonly number[]
}

/** Samples n completions of every prompt, scores them, and keeps the best as rows to learn from (rejection sampling). */
export async function bestOfStageRun(
  stage: BestOfStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const path = await sourcePath(stage.model, { ...context, kind: 'model', field: `${stage.name}.model` })
  const policy = await loadModel(path)
  const all = await readAsked(stage.prompts, policy, stage.max_new_tokens)
  if (all.length < stage.items)
    throw new UserError(
      `${stage.name}.items is ${stage.items}, but ${stage.prompts} has ${all.length} prompts`,
    )
  const asked = Array.from({ length: stage.items }, (_, i) => all[(stage.start + i) % all.length]!)
  const best = await sampleBest(asked, { stage, policy, context })
  const kept = keptOf(best, stage)
  if (kept.length === 0)
    throw new UserError(
      `${stage.name}: no completion scores at_least ${stage.at_least}; the best has ${Math.max(...best.map((one) => one.best.score))}`,
    )
  await writeRows(
    join(context.folder, 'comparisons.jsonl'),
    kept.map((one) => ({
      prompt: policy.tokenizer.decode(one.asked.ids),
      completion: policy.tokenizer.decode(one.best.tokens),
      prompt_ids: one.asked.ids,
      completion_ids: one.best.tokens,
      score: one.best.score,
      scores: one.scores,
    })),
  )
  return {
    rows: kept.length,
    meanScore: mean(best.flatMap(({ scores }) => scores)),
    bestScore: mean(kept.map((one) => one.best.score)),
  }
}

async function sampleBest(
  asked: readonly AskedPrompt[],
  { stage, policy, context }: { stage: BestOfStage; policy: Model; context: StageContext },
): Promise<Best[]> {
  const judge = await recipeReward(stage.rewards, { policy, asked, context })
  const actor = sampler(policy, { device: context.device })
  const view = progress(context.name, { steps: asked.length, watch: ['best score'] })
  const found: Best[] = []
  const perBatch = Math.max(1, Math.floor(stage.batch_size / stage.completions))
  for (let first = 0; first < asked.length; first += perBatch) {
    const part = asked.slice(first, first + perBatch)
    const prompts = part.flatMap(({ ids }) => Array.from({ length: stage.completions }, () => ids))
    const completions = await actor.sample(prompts, {
      maxNewTokens: stage.max_new_tokens,
      temperature: stage.temperature,
      endOfText: endOfText(policy),
      seed: randomKey(context.seed, stage.name, first).int(2 ** 31),
    })
    const sequences = completions.map(({ tokens }, i) => ({ prompt: prompts[i]!, completion: tokens }))
    const scores = await judge.reward(sequences)
    for (const [i, one] of part.entries()) {
      const rows = Array.from({ length: stage.completions }, (_, k) => i * stage.completions + k)
      const top = rows.reduce((a, b) => (scores[b]! > scores[a]! ? b : a))
      found.push({
        asked: one,
        best: { tokens: completions[top]!.tokens, score: scores[top]! },
        scores: rows.map((row) => scores[row]!),
      })
    }
    view.update(found.length, { 'best score': mean(found.map(({ best }) => best.score)) })
    if (context.signal.aborted)
      throw new Interrupted(`stopped while sampling; the stage starts again with the next run`)
  }
  await actor.dispose()
  await judge.dispose()
  view.done(`best of ${stage.completions}: ${mean(found.map(({ best }) => best.score)).toFixed(3)}`)
  return found
}

/** The prompts whose best completions score highest, in the order they were asked. */
function keptOf(
  best: readonly Best[],
  { keep, at_least: least = Number.NEGATIVE_INFINITY }: BestOfStage,
): Best[] {
  const ranked = [...best].sort((a, b) => b.best.score - a.best.score)
  const chosen = new Set(ranked.slice(0, Math.ceil(keep * best.length)))
  return best.filter((one) => chosen.has(one) && one.best.score >= least)
}
