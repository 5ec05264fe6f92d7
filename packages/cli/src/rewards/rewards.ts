import { mean } from '@attune/feedback'
import type { Model } from '@attune/lm'
import {
  ensembleReward,
  type Judged,
  meanOf,
  type Reward,
  safetyGated,
  uncertaintyWeighted,
  worstOf,
} from '@attune/rlhf'
import { UserError } from '../errors.ts'
import type { RewardPart } from '../recipe/reward-part.ts'
import { type StageContext, sourcePath } from '../run/context.ts'
import { loadReward } from '../stages/reward.ts'
import type { AskedPrompt } from './asked.ts'
import { type Rule, ruleOf, type Sample, solutionOf } from './rules.ts'

/** The parts weighed and added up. */
export interface RecipeReward {
  readonly reward: Reward
  /** The same reward, of which `observe` does not tell: for completions that are not the policy's. */
  readonly unobserved: Reward
  /** The mean of each part, and what else parts tell, over all that `reward` has judged since the last observation. */
  readonly observe: () => Record<string, number>
  readonly dispose: () => Promise<void>
}

/** Σ weight·part over the parts of a recipe. Throws when a file exports no function or a rule gives no number. */
export async function recipeReward(
  parts: readonly RewardPart[],
  { policy, asked, context }: { policy: Model; asked: readonly AskedPrompt[]; context: StageContext },
): Promise<RecipeReward> {
  const rowOf = new Map(asked.map((prompt) => [prompt.ids, prompt]))
  const { tokenizer } = policy
  const sampleOf = ({ prompt, completion }: Judged): Sample => ({
    prompt: tokenizer.decode(prompt),
    completion: tokenizer.decode(completion),
    tokens: completion.length,
    row: rowOf.get(prompt)?.row ?? {},
    where: rowOf.get(prompt)?.where ?? 'a prompt',
  })
  for (const part of parts) {
    if ('column' in part) for (const prompt of asked) solutionOf(prompt, part.column)
    if (part.kind === 'safety_gate') for (const prompt of asked) isSafetyPrompt(prompt)
  }
  const built = await Promise.all(
    parts.map((part, i) => buildPart(part, { field: `rewards.${i}`, sampleOf, context })),
  )
  const names = numbered(built.map(({ name }) => name))
  const scoresOf = async (samples: readonly Judged[]) => {
    const scores: (readonly number[])[] = []
    for (const part of built) scores.push(await part.score(samples))
    return scores
  }
  const total = (samples: readonly Judged[], scores: readonly (readonly number[])[]) =>
    samples.map((_, row) => parts.reduce((sum, { weight }, i) => sum + weight * scores[i]![row]!, 0))
  const seen = batchMeans()
  return {
    unobserved: async (samples) => total(samples, await scoresOf(samples)),
    reward: async (samples) => {
      const scores = await scoresOf(samples)
      const means = parts.length > 1 ? names.map((name, i) => [`rewards/${name}/mean`, mean(scores[i]!)]) : []
      const told = built.flatMap(({ observe }, i) =>
        Object.entries(observe?.() ?? {}).map(([number, value]) => [`rewards/${names[i]}/${number}`, value]),
      )
      seen.add(samples.length, Object.fromEntries([...means, ...told]))
      return total(samples, scores)
    },
    observe: seen.take,
    dispose: async () => {
      for (const part of built) await part.dispose?.()
    },
  }
}

/** Names of parts, those that occur more than once as `name-1`, `name-2`, …: each part has metrics of its own. */
function numbered(names: readonly string[]): string[] {
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length
    return names.indexOf(name) === names.lastIndexOf(name) ? name : `${name}-${before + 1}`
  })
}

/** Means of numbers of batches, each weighed by its size, since they were last taken. */
function batchMeans() {
  let batches: { readonly size: number; readonly numbers: Readonly<Record<string, number>> }[] = []
  return {
    add: (size: number, numbers: Readonly<Record<string, number>>) => {
      batches.push({ size, numbers })
    },
    take: (): Record<string, number> => {
      const size = batches.reduce((sum, batch) => sum + batch.size, 0)
      const names = Object.keys(batches[0]?.numbers ?? {})
      const means = names.map((name) => [
        name,
        batches.reduce((sum, batch) => sum + (batch.size / size) * batch.numbers[name]!, 0),
      ])
      batches = []
      return Object.fromEntries(means)
    },
  }
}

interface BuiltPart {
  readonly name: string
  readonly score: Reward
  /** Numbers of the last batch besides the mean. */
  readonly observe?: () => Record<string, number>
  readonly dispose?: () => Promise<void>
}

interface PartContext {
  readonly field: string
  readonly sampleOf: (judged: Judged) => Sample
  readonly context: StageContext
}

async function buildPart(part: RewardPart, { field, sampleOf, context }: PartContext): Promise<BuiltPart> {
  const load = async (source: string, name: string) =>
    loadReward(
      await sourcePath(source, { ...context, kind: 'model', field: `${field}.${name}` }),
      context.device,
    )
  switch (part.kind) {
    case 'model': {
      const { reward, dispose } = await load(part.model, 'model')
      return { name: 'model', score: reward, dispose }
    }
    case 'ensemble': {
      const members: Awaited<ReturnType<typeof load>>[] = []
      for (const [i, source] of part.models.entries()) members.push(await load(source, `models.${i}`))
      const combine = { mean: meanOf, worst: worstOf, uncertainty: uncertaintyWeighted(part.coefficient) }
      const ensemble = ensembleReward(
        members.map(({ reward }) => reward),
        combine[part.combine],
      )
      return {
        name: 'ensemble',
        score: ensemble,
        observe: () => ({ disagreement: ensemble.disagreement() }),
        dispose: () => disposeAll(members),
      }
    }
    case 'safety_gate': {
      const helpfulness = await load(part.helpfulness, 'helpfulness')
      const safety = await load(part.safety, 'safety')
      const score = safetyGated({
        helpfulness: helpfulness.logits,
        safety: safety.logits,
        threshold: part.threshold,
        isSafetyPrompt: (judged) => isSafetyPrompt(sampleOf(judged)),
      })
      return { name: 'safety_gate', score, dispose: () => disposeAll([helpfulness, safety]) }
    }
    default: {
      const { name, rule } = await ruleOf(part)
      return { name, score: (samples) => scoreWith(rule, { samples: samples.map(sampleOf), name }) }
    }
  }
}

/** Does the prompt's row say `safety: true`? Throws with the row when it says what is neither true nor false. */
function isSafetyPrompt({ row, where }: Pick<Sample, 'row' | 'where'>): boolean {
  const safety = row.safety ?? false
  if (typeof safety === 'boolean') return safety
  throw new UserError(`${where}: safety is ${JSON.stringify(safety)}, expected true or false`)
}

async function disposeAll(members: readonly { readonly dispose: () => Promise<void> }[]): Promise<void> {
  for (const member of members) await member.dispose()
}

async function scoreWith(
  rule: Rule,
  { samples, name }: { samples: readonly Sample[]; name: string },
): Promise<number[]> {
  const scores: number[] = []
  for (const sample of samples) {
    const score = await rule(sample)
    if (!Number.isFinite(score)) {
      throw new UserError(
        `reward '${name}' gave ${String(score)} for the completion ${JSON.stringify(sample.completion.slice(0, 200))}; expected a finite number`,
      )
    }
    scores.push(score)
  }
  return scores
}
