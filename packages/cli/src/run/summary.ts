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
    ...byStage(recipe, done),
    seconds: { ...seconds, total: Math.round(total * 10) / 10 },
  }
  await writeFileAtomic(join(folder, 'summary.json'), [`${JSON.stringify(summary, null, 2)}\n`])
}

/** Numbers that several stages have, each stage's own: at the top is that of the last. */
function byStage(recipe: Recipe, done: Readonly<Record<string, DoneStage>>): Record<string, unknown> {
  const found = recipe.stages.map(({ name }) => [name, headline(done[name]!.summary)] as const)
  const names = found.flatMap(([, numbers]) => Object.keys(numbers))
  const repeated = names.filter((name, i) => names.indexOf(name) !== i)
  if (repeated.length === 0) return {}
  const own = found.map(([stage, numbers]) => [
    stage,
    Object.fromEntries(Object.entries(numbers).filter(([name]) => repeated.includes(name))),
  ])
  return {
    byStage: Object.fromEntries(own.filter(([, numbers]) => Object.keys(numbers as object).length > 0)),
  }
}

const headlines = [
  'rewardAccuracyBefore',
  'rewardAccuracy',
  'accuracyByCategory',
  'allowedAccuracy',
  'preferenceAccuracy',
  'rewardMargin',
  'likelihoodBefore',
  'likelihoodAfter',
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
