import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Model, Row } from '@attune/lm'
import type { Judged, Reward } from '@attune/rlhf'
import { UserError } from '../errors.ts'
import { goldScores } from '../gold/gold.ts'
import type { RewardPart } from '../recipe/reward-part.ts'
import { type StageContext, sourcePath } from '../run/context.ts'
import { loadReward } from '../stages/reward.ts'
import type { AskedPrompt } from './asked.ts'

/** A completion as a rule sees it: its text, the prompt's text, and the columns of the prompt's row. */
export interface Sample {
  readonly prompt: string
  readonly completion: string
  readonly row: Row
}

/** A rule that scores one completion; what a user's own file exports as its default. */
export type Rule = (sample: Sample) => number | Promise<number>

/** The parts weighed and added up, with the mean of each in the last batch for the log. */
export interface RecipeReward {
  readonly reward: Reward
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
    row: rowOf.get(prompt)?.row ?? {},
  })
  const built = await Promise.all(
    parts.map((part, i) => buildPart(part, { field: `rewards.${i}`, sampleOf, context })),
  )
  let last: Record<string, number> = {}
  const reward: Reward = async (samples) => {
    const scores: (readonly number[])[] = []
    for (const part of built) scores.push(await part.score(samples))
    last = Object.fromEntries(
      built.flatMap(({ name }, i) => {
        const mean = scores[i]!.reduce((a, b) => a + b, 0) / samples.length
        return [[`rewards/${name}/mean`, mean]]
      }),
    )
    return samples.map((_, row) =>
      parts.reduce((total, { weight }, i) => total + weight * scores[i]![row]!, 0),
    )
  }
  return {
    reward,
    observe: () => (parts.length > 1 ? last : {}),
    dispose: async () => {
      for (const part of built) await part.dispose?.()
    },
  }
}

interface BuiltPart {
  readonly name: string
  readonly score: Reward
  readonly dispose?: () => Promise<void>
}

interface PartContext {
  readonly field: string
  readonly sampleOf: (judged: Judged) => Sample
  readonly context: StageContext
}

async function buildPart(part: RewardPart, { field, sampleOf, context }: PartContext): Promise<BuiltPart> {
  if (part.kind === 'model') {
    const path = await sourcePath(part.model, { ...context, kind: 'model', field: `${field}.model` })
    const { reward, dispose } = await loadReward(path, context.device)
    return { name: 'model', score: reward, dispose }
  }
  const [name, rule] =
    part.kind === 'gold'
      ? [part.gold, ({ completion }: Sample) => goldScores[part.gold](completion)]
      : [part.file.replace(/^.*\/|\.\w+$/g, ''), await loadRule(part.file)]
  return { name, score: (samples) => scoreWith(rule, { samples: samples.map(sampleOf), name }) }
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

/** The default export of a user's file. */
async function loadRule(file: string): Promise<Rule> {
  const module = (await import(pathToFileURL(resolve(file)).href).catch((cause) => {
    throw new UserError(`${file}: cannot be loaded as a module (${(cause as Error).message})`)
  })) as { default?: unknown }
  if (typeof module.default !== 'function')
    throw new UserError(
      `${file}: its default export is ${typeof module.default}, expected a function of { prompt, completion, row } to a number`,
    )
  return module.default as Rule
}
