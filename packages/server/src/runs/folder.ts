import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lockHolder, processStart } from '@attune/feedback/store'
import { z } from '@hono/zod-openapi'
import { parse } from 'yaml'
import { runName } from '../api/ids.ts'
import type { run } from '../api/runs.ts'

export type RunView = z.output<typeof run>

/** What the server keeps of a run that it started, in `server.json` of the run's folder. */
export interface RunRecord {
  readonly pid: number
  /** `processStart` of the process. */
  readonly started: string
  readonly createdAt: string
  /** `path=value`s of its order; recipe.yaml, which the process writes, has them already. */
  readonly overrides?: readonly string[] | undefined
  readonly project?: string | undefined
  /** Items to sample from the result when it is done. */
  readonly next?: { readonly items: number; readonly sampled: boolean } | undefined
}

export const recordFile = 'server.json'
export const logFile = 'log.txt'

/** What is read of a recipe's stage; a recipe that was refused is read too, as far as it can be. */
const planned = z.object({
  name: runName,
  stage: z.string(),
  steps: z.number().int().optional().catch(undefined),
})

type PlannedStage = z.output<typeof planned>

/** Names of the runs in a folder. */
export async function runNames(runs: string): Promise<string[]> {
  const entries = await readdir(runs, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory() && runName.safeParse(entry.name).success)
    .map(({ name }) => name)
}

/** A run as its folder tells it, whoever started it; null when the folder holds none. */
export async function readRun(runs: string, name: string): Promise<RunView | null> {
  const folder = join(runs, name)
  const record = (await readJson(join(folder, recordFile))) as RunRecord | null
  const stages = await plannedStages(folder)
  if (!record && stages.length === 0) return null
  const [created, updated] = await times(folder, record)
  const isRunning = (await runProcess(runs, name)) !== null
  const views = await Promise.all(stages.map((stage) => stageView(folder, stage)))
  const summary = await readJson(join(folder, 'summary.json'))
  const isDone = views.length > 0 && views.every(({ state }) => state === 'done')
  const last = isRunning || isDone || !record ? '' : await lastWords(join(folder, logFile))
  const stopped = !record || /^attune: stopped/.test(last)
  const state = isRunning ? 'running' : isDone ? 'done' : stopped ? 'stopped' : 'failed'
  const at = views.findIndex((view) => view.state !== 'done')
  return {
    name,
    state,
    createdAt: created,
    updatedAt: updated,
    stages: views.map((view, i) =>
      i === at ? { ...view, state: state === 'done' ? 'waiting' : state } : view,
    ),
    summary: isDone ? summary : null,
    ...(state === 'failed'
      ? { error: last || 'the process ended without a word; resume goes on from its newest checkpoint' }
      : {}),
    ...(record?.project ? { project: record.project } : {}),
  }
}

async function plannedStages(folder: string): Promise<PlannedStage[]> {
  for (const file of ['recipe.yaml', 'started.yaml']) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    try {
      const { stages } = parse(text) as { stages?: unknown[] }
      return (stages ?? []).flatMap((stage) => planned.safeParse(stage).data ?? [])
    } catch {}
  }
  return []
}

async function stageView(
  folder: string,
  { name, stage, steps }: PlannedStage,
): Promise<RunView['stages'][number]> {
  const done = (await readJson(join(folder, name, 'done.json'))) as { seconds?: number } | null
  const last = await lastRow(join(folder, name, 'metrics.jsonl'))
  const step = typeof last?.step === 'number' ? last.step : 0
  return {
    name,
    stage,
    state: done ? 'done' : 'waiting',
    step,
    steps: steps ?? null,
    seconds: done?.seconds ?? null,
  }
}

async function times(folder: string, record: RunRecord | null): Promise<[string, string]> {
  const made = await stat(folder)
  const files = ['recipe.yaml', 'summary.json', logFile, 'started.yaml']
  const changed = await Promise.all(files.map((file) => stat(join(folder, file)).catch(() => undefined)))
  const newest = Math.max(made.mtimeMs, ...changed.map((entry) => entry?.mtimeMs ?? 0))
  const first = Math.min(
    made.birthtimeMs || made.mtimeMs,
    ...changed.map((entry) => entry?.mtimeMs ?? newest),
  )
  return [record?.createdAt ?? new Date(first).toISOString(), new Date(newest).toISOString()]
}

/** The process that works on a run: the one that the server started, or the lock's holder; null when there is none. */
export async function runProcess(runs: string, name: string): Promise<number | null> {
  const record = (await readJson(join(runs, name, recordFile))) as RunRecord | null
  if (record && (await processStart(record.pid)) === record.started) return record.pid
  return lockHolder(join(runs, name, 'lock'))
}

/** A JSON file's object; null when there is none. */
export async function readJson(path: string): Promise<Record<string, unknown> | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return null
  }
}

const tailBytes = 16_384

async function tail(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, tailBytes))
    await file.read(buffer, 0, buffer.length, size - buffer.length)
    return buffer.toString('utf8')
  } finally {
    await file.close()
  }
}

async function lastRow(path: string): Promise<Record<string, unknown> | undefined> {
  return parsedRows(await tail(path)).at(-1)
}

/** Rows of the whole lines of a log; torn ones are left out. */
export function parsedRows(text: string): Record<string, number | string | null>[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line)] : []
    } catch {
      return []
    }
  })
}

/** The last thing that a run said: its error's lines. */
async function lastWords(path: string): Promise<string> {
  const text = (await tail(path)).trimEnd()
  const start = text.lastIndexOf('\nattune: ')
  return start >= 0
    ? text.slice(start + 1, start + 2000)
    : text.startsWith('attune: ')
      ? text.slice(0, 2000)
      : ''
}
