import { stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { readJson } from '@attune/lm'
import { stringify } from 'yaml'
import { UserError } from '../errors.ts'
import type { Recipe, Stage } from '../recipe/schema.ts'
import { readEnvironment } from '../run/environment.ts'
import { readLog } from '../run/jsonl.ts'
import type {
  EvaluationReport,
  Frontier,
  PreferencesReport,
  ReportData,
  ReportStage,
  RewardModelReport,
} from './data.ts'
import { keptRecipe } from './kept-recipe.ts'

/** Everything that a run's folder holds for its report; stages that have not run yet are left out. */
export async function gatherReport(folder: string): Promise<ReportData> {
  const recipe = await keptRecipe(folder)
  const start = recipe.stages.findLast((stage) => stage.stage === 'evaluate')?.before
  const gathered = await Promise.all(recipe.stages.map((stage) => gatherStage(stage, { folder, start })))
  const stages = gathered.filter((stage) => stage !== undefined)
  const evaluation = await lastOf(recipe, { kind: 'evaluate', folder, file: 'evaluation.json' })
  const heldOut = await lastOf(recipe, { kind: 'reward', folder, file: 'held-out.json' })
  const preferences = await lastOf(recipe, { kind: 'dpo', folder, file: 'held-out.json' })
  const machine = await readEnvironment(folder)
  const finished = await stat(join(folder, 'summary.json')).catch(() => undefined)
  return {
    name: recipe.name,
    seed: recipe.seed,
    stages,
    recipe: stringify(recipe),
    commands: [`attune run ${join(relative(process.cwd(), folder), 'recipe.yaml')} --runs again`],
    ...(machine ? { environment: machine } : {}),
    ...(recipe.description ? { description: recipe.description } : {}),
    ...(recipe.paper ? { paper: recipe.paper } : {}),
    ...(finished ? { finished: finished.mtime.toISOString() } : {}),
    ...(heldOut?.pairs ? { rewardModel: rewardModelReport(heldOut) } : {}),
    ...(preferences ? preferenceParts(preferences) : {}),
    ...(evaluation
      ? evaluationParts(evaluation, { stages, goldLearnt: recipe.stages.some(learnsGold) })
      : {}),
  }
}

async function gatherStage(
  stage: Stage,
  { folder, start }: { folder: string; start: string | undefined },
): Promise<ReportStage | undefined> {
  const { name, stage: kind } = stage
  const metrics = await readLog(join(folder, name, 'metrics.jsonl'))
  const done = await readJson(join(folder, name, 'done.json')).catch(() => undefined)
  if (metrics.length === 0 && !done) return undefined
  const fromStart = stage.stage === 'ppo' && (stage.reference ?? stage.model) === start
  return { name, kind, metrics, fromStart, ...(done ? { seconds: done.seconds as number } : {}) }
}

function learnsGold(stage: Stage): boolean {
  const rewards = 'rewards' in stage ? stage.rewards : undefined
  return (rewards ?? []).some((part) => part.kind === 'gold')
}

/** The result that the last finished stage of a kind left. */
async function lastOf(
  recipe: Recipe,
  { kind, folder, file }: { kind: string; folder: string; file: string },
): Promise<Record<string, unknown> | undefined> {
  const names = recipe.stages.filter(({ stage }) => stage === kind).map(({ name }) => name)
  for (const name of names.reverse()) {
    const json = await readJson(join(folder, name, file)).catch(() => undefined)
    if (json) return json
  }
  return undefined
}

function rewardModelReport(json: Record<string, unknown>): RewardModelReport {
  const { rewardAccuracy, rewardAccuracyBefore, rewardMargin, allowedAccuracy, accuracyByCategory, ...rest } =
    json as unknown as Pick<RewardModelReport, 'pairs' | 'calibration' | 'samples' | 'mistakes'> & {
      rewardAccuracy: number
      rewardAccuracyBefore?: number
      rewardMargin?: number
      allowedAccuracy?: number
      accuracyByCategory?: NonNullable<RewardModelReport['categories']>
    }
  return {
    ...rest,
    accuracy: rewardAccuracy,
    ...(rewardAccuracyBefore === undefined ? {} : { accuracyBefore: rewardAccuracyBefore }),
    ...(rewardMargin === undefined ? {} : { margin: rewardMargin }),
    ...(allowedAccuracy === undefined ? {} : { noiseCeiling: allowedAccuracy }),
    ...(accuracyByCategory ? { categories: accuracyByCategory } : {}),
  }
}

function preferenceParts(json: Record<string, unknown>): Pick<ReportData, 'preferences' | 'samples'> {
  const { samples, ...preferences } = json as unknown as PreferencesReport & {
    samples?: NonNullable<ReportData['samples']>
  }
  return { preferences, ...(samples ? { samples } : {}) }
}

function evaluationParts(
  json: Record<string, unknown>,
  { stages, goldLearnt }: { stages: readonly ReportStage[]; goldLearnt: boolean },
): Pick<ReportData, 'evaluation' | 'samples' | 'frontier'> {
  const evaluation = json as unknown as EvaluationReport & {
    samples: NonNullable<ReportData['samples']>
    bestOf: readonly { n: number; kl: number; gold: number }[]
  }
  const training = stages
    .filter(({ fromStart }) => fromStart)
    .flatMap(({ metrics }) => metrics)
    .flatMap((record) => {
      const [kl, gold] = [record['objective/kl'], record['gold/score']]
      return typeof kl === 'number' && typeof gold === 'number' ? [{ kl, gold }] : []
    })
  const frontier: Frontier = {
    policies: [
      { label: 'before', kl: 0, gold: evaluation.goldBefore },
      { label: 'after', kl: evaluation.kl, gold: evaluation.goldAfter },
    ],
    training,
    bestOf: evaluation.bestOf.map((point) => ({ ...point, label: `best of ${point.n}` })),
  }
  return { evaluation: { ...evaluation, goldLearnt }, samples: evaluation.samples, frontier }
}

/** Throws a clear error when a folder holds no run. */
export async function requireRun(folder: string): Promise<void> {
  await stat(join(folder, 'recipe.yaml')).catch(() => {
    throw new UserError(`${folder}: there is no recipe.yaml, so this is not the folder of a run`)
  })
}
