import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cpu, randomKey } from '@attune/grad'
import { fileError, readJson, writeFileAtomic } from '@attune/lm'
import { stringify } from 'yaml'
import type { Recipe, Stage } from '../recipe/schema.ts'
import { checkSources } from '../recipe/sources.ts'
import { runStage } from '../stages/run-stage.ts'
import { clock } from '../view/progress.ts'
import { Interrupted } from './context.ts'
import { noteEnvironment } from './environment.ts'
import { fingerprints } from './fingerprint.ts'
import { readLog } from './jsonl.ts'
import { lockRun } from './lock.ts'
import { setStaleAside } from './set-aside.ts'

/** What a finished stage leaves in `done.json`. */
export interface DoneStage {
  /** Of the stage's part of the recipe, what its files hold, the seed and the stages before it. */
  readonly hash: string
  /** Of all the processes that worked on it. */
  readonly seconds: number
  readonly summary: Readonly<Record<string, unknown>>
}

/** Where and how to run a recipe. */
export interface RunOptions {
  /** Parent of the run's folder. */
  readonly runs: string
  readonly resume: boolean
  readonly signal: AbortSignal
}

/** Runs the stages of a recipe in order, skipping those that are done; returns the run's folder and its stages' results. */
export async function runRecipe(
  recipe: Recipe,
  { runs, resume, signal }: RunOptions,
): Promise<{ folder: string; done: Record<string, DoneStage> }> {
  const folder = join(runs, recipe.name)
  const plan = await planned(recipe, folder)
  await checkSources(plan.filter(({ known }) => !known).map(({ stage }) => stage))
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw fileError(folder, cause)
  })
  const release = await lockRun(folder)
  try {
    const due = plan.filter(({ known }) => !known)
    await setStaleAside(due, { folder, resume })
    if (due.length > 0) await rm(join(folder, 'summary.json'), { force: true }) // of an earlier run
    await writeFileAtomic(join(folder, 'recipe.yaml'), [stringify(recipe)])
    if (due.length > 0) await noteEnvironment(folder, recipe)
    const device = cpu(recipe.threads ? { threads: recipe.threads } : {})
    const done: Record<string, DoneStage> = {}
    for (const { stage, hash, known } of plan) {
      if (known) process.stderr.write(`· ${stage.name.padEnd(9)} done before, in ${clock(known.seconds)}\n`)
      const context = {
        name: stage.name,
        folder: join(folder, stage.name),
        runFolder: folder,
        seed: seedOf(stage, recipe.seed),
        device,
        resume,
        signal,
      }
      if (!known && signal.aborted) throw new Interrupted(`stopped before ${stage.name}; go on with --resume`)
      done[stage.name] = known ?? (await fresh(stage, { context, hash }))
    }
    return { folder, done }
  } finally {
    await release()
  }
}

/** Each round draws its own prompts, completions and lapses. */
function seedOf({ round = 1 }: Stage, seed: number): number {
  return round === 1 ? seed : randomKey(seed, 'round', round).int(2 ** 31)
}

interface PlannedStage {
  readonly stage: Stage
  readonly hash: string
  /** Its result when an earlier run has finished it. */
  readonly known: DoneStage | undefined
}

async function planned(recipe: Recipe, folder: string): Promise<PlannedStage[]> {
  const plan: PlannedStage[] = []
  let hash = ''
  for (const stage of recipe.stages) {
    hash = hashOf(stage, { seed: recipe.seed, before: hash, files: await fingerprints(stage) })
    plan.push({ stage, hash, known: await finished(join(folder, stage.name), hash) })
  }
  return plan
}

async function fresh(
  stage: Stage,
  { context, hash }: { context: Parameters<typeof runStage>[1]; hash: string },
): Promise<DoneStage> {
  const marker = join(context.folder, 'hash')
  const begun = await readJson(marker).catch(() => undefined)
  const before = begun ? await spentBefore(context.folder, begun) : 0
  await mkdir(context.folder, { recursive: true }).catch((cause) => {
    throw fileError(context.folder, cause)
  })
  const began = performance.now()
  const spent = () => Math.round(before * 10 + (performance.now() - began) / 100) / 10
  const mark = () => writeFileAtomic(marker, [JSON.stringify({ hash, seconds: spent() })])
  await mark()
  const summary = await runStage(stage, context).catch(async (cause) => {
    await mark().catch(() => {})
    throw cause
  })
  const result = { hash, seconds: spent(), summary }
  await writeFileAtomic(join(context.folder, 'done.json'), [JSON.stringify(result, null, 2)])
  return result
}

/** Seconds of a stage's earlier processes: what the last one has noted at its end, or logged when it was killed before. */
async function spentBefore(folder: string, begun: { readonly seconds?: unknown }): Promise<number> {
  const logged = (await readLog(join(folder, 'metrics.jsonl'))).at(-1)
  return Math.max(Number(begun.seconds ?? 0), Number(logged?.seconds ?? 0))
}

async function finished(folder: string, hash: string): Promise<DoneStage | undefined> {
  const json = await readJson(join(folder, 'done.json')).catch(() => undefined)
  return json?.hash === hash ? (json as unknown as DoneStage) : undefined
}

function hashOf(
  stage: Stage,
  inputs: { seed: number; before: string; files: Readonly<Record<string, string | undefined>> },
): string {
  return createHash('sha256')
    .update(JSON.stringify([stage, inputs]))
    .digest('hex')
    .slice(0, 16)
}
