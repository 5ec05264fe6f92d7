import { mkdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { writeFileAtomic } from '@attune/lm'
import { parse } from 'yaml'
import { UserError } from '../errors.ts'
import { readTextFile } from '../run/jsonl.ts'
import { eventFile } from '../tracking/event-file.ts'
import { logToMlflow } from '../tracking/mlflow.ts'
import { metricPoints } from '../tracking/points.ts'

/** Where the metrics of a run are to go. */
export interface TrackFlags {
  readonly tensorboard?: string
  readonly mlflow?: string
  readonly experiment: string
}

/** Gives a run's metrics to TensorBoard (an event file) or to an MLflow server. */
export async function trackCommand(
  folder: string,
  { tensorboard, mlflow, experiment }: TrackFlags,
): Promise<void> {
  if (!tensorboard && !mlflow)
    throw new UserError('say where to: --tensorboard <folder>, --mlflow <url>, or both')
  const points = await metricPoints(folder)
  const name = basename(resolve(folder))
  if (tensorboard) {
    // one file a run, written anew each time, so that a run that goes on has no point twice
    const path = join(tensorboard, name, 'events.out.tfevents.attune')
    await mkdir(dirname(path), { recursive: true })
    await writeFileAtomic(path, [eventFile(points)])
    process.stderr.write(`tensorboard: ${points.length} points in ${path}\n`)
  }
  if (mlflow) {
    const id = await logToMlflow(mlflow, { experiment, name, params: await runParams(folder), points })
    process.stderr.write(`mlflow: ${points.length} points in run ${id} of experiment ${experiment}\n`)
  }
}

async function runParams(folder: string): Promise<Record<string, string>> {
  const text = await readTextFile(join(folder, 'recipe.yaml')).catch(() => '')
  const recipe = (parse(text) ?? {}) as Record<string, unknown>
  const params = { recipe: recipe.name, paper: recipe.paper, seed: recipe.seed }
  return Object.fromEntries(
    Object.entries(params).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  )
}
