import { join } from 'node:path'
import { writeFileAtomic } from '@attune/lm'
import type { Recipe } from '../recipe/schema.ts'
import type { DoneStage } from './run-recipe.ts'

/** Writes `summary.json`: the headline numbers of every stage in one place. */
export async function writeSummary(
  folder: string,
  { recipe, done }: { recipe: Recipe; done: Readonly<Record<string, DoneStage>> },
): Promise<void> {
  const numbers = Object.assign({}, ...recipe.stages.map(({ name }) => headline(done[name]!.summary)))
  const seconds = Object.fromEntries(recipe.stages.map(({ name }) => [name, done[name]!.seconds]))
  const total = Object.values(seconds).reduce((a, b) => a + b, 0)
  const summary = {
    name: recipe.name,
    seed: recipe.seed,
    ...numbers,
    seconds: { ...seconds, total: Math.round(total * 10) / 10 },
  }
  await writeFileAtomic(join(folder, 'summary.json'), [`${JSON.stringify(summary, null, 2)}\n`])
}

const headlines = [
  'rewardAccuracy',
  'accuracyByCategory',
  'allowedAccuracy',
  'preferenceAccuracy',
  'stepAccuracy',
  'winRate',
  'kl',
  'goldBefore',
  'goldAfter',
  'rewardBefore',
  'rewardAfter',
  'before',
  'after',
  'bestOf',
]

function headline(summary: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(summary).filter(([name]) => headlines.includes(name) || name.startsWith('score-')),
  )
}
