import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, parseDocument } from 'yaml'
import { runName } from '../api/ids.ts'
import { invalid, notFound } from '../http/api-error.ts'
import { type Caller, sees } from '../http/caller.ts'
import type { Handlers } from '../http/handler.ts'
import { parsedRows, type RunView, readJson, runNames } from '../runs/folder.ts'
import { loopOrder, roundName } from '../runs/loop.ts'
import { checkPaths, knownPaths, knownRecipes } from '../runs/sources.ts'
import type { Services } from '../services.ts'

type Names =
  | 'listModels'
  | 'listRuns'
  | 'listRecipes'
  | 'startRun'
  | 'startLoop'
  | 'readRun'
  | 'stopRun'
  | 'resumeRun'
  | 'readMetrics'
  | 'readSamples'
  | 'readResult'

/** Runs and models. */
export function runHandlers(services: Services & { folder: string }): Pick<Handlers, Names> {
  const { runs, models, folder } = services
  const visible = async (name: string, caller: Caller) => {
    const run = await runs.get(name)
    if (run.project && !sees(caller, run.project)) throw notFound(`the run '${name}'`)
    return run
  }
  const stageFile = (run: RunView, stage: string, file: string) => {
    if (!run.stages.some(({ name }) => name === stage)) throw notFound(`the stage '${stage}'`)
    return join(runs.folder, run.name, stage, file)
  }

  return {
    listModels: async () => ({
      items: (await models()).map(({ stamp: _, ...model }) => model),
      nextCursor: null,
    }),
    listRuns: async (_, caller) => ({
      items: (await runs.list()).filter(({ project }) => !project || sees(caller, project)),
      nextCursor: null,
    }),
    listRecipes: async () => ({ items: await knownRecipes(folder), nextCursor: null }),
    startRun: async ({ body }) => {
      if ('project' in body) return runs.start(await loopOrder(services, body))
      const recipe = named(body.recipe, body.name)
      checkPaths(recipe.value, await knownPaths(folder, await models()))
      return runs.start({ name: recipe.name, recipe: recipe.text, overrides: body.overrides })
    },
    startLoop: async ({ body: { method, ...body } }) => {
      const project = await services.store.projects.get(body.project)
      if (!project) throw notFound('the project')
      const name = body.name ?? roundName(project.name, await runNames(runs.folder))
      return runs.start(await loopOrder(services, { ...body, name, template: method }))
    },
    readRun: async ({ params: { name } }, caller) => ({
      ...(await visible(name, caller)),
      recipe: await runs.recipe(name),
    }),
    stopRun: ({ params: { name } }) => runs.stop(name),
    resumeRun: ({ params: { name } }) => runs.resume(name),
    readMetrics: async ({ params: { name }, query: { stage, after } }, caller) => {
      const path = stageFile(await visible(name, caller), stage, 'metrics.jsonl')
      const rows = parsedRows(await readFile(path, 'utf8').catch(() => ''))
      return { stage, rows: rows.filter(({ step }) => Number(step) > after) }
    },
    readSamples: async ({ params: { name }, query: { stage, after } }, caller) => {
      const run = await visible(name, caller)
      const log = parsedRows(await readFile(stageFile(run, stage, 'samples.jsonl'), 'utf8').catch(() => ''))
      const kept =
        (await readJson(stageFile(run, stage, 'evaluation.json'))) ??
        (await readJson(stageFile(run, stage, 'scores.json')))
      const rows = log.length > 0 ? log.filter(({ step }) => Number(step) > after) : (kept?.samples ?? [])
      return { stage, rows: rows as { prompt: string }[] }
    },
    readResult: async ({ params: { name }, query: { stage, kind } }, caller) => {
      const path = stageFile(await visible(name, caller), stage, `${kind}.json`)
      return (await readJson(path)) ?? raise(notFound(`the ${kind} of '${stage}'`))
    },
  }
}

/** A recipe's text under the name that the run will have. Throws `invalid` when it is no YAML or has no name. */
function named(text: string, wanted?: string): { name: string; text: string; value: unknown } {
  const document = parseDocument(text)
  const [problem] = document.errors
  if (problem) throw invalid('body.recipe', problem.message.slice(0, 300))
  const value: unknown = parse(text, { maxAliasCount: 20 })
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('body.recipe', 'is no recipe; expected YAML with name and stages')
  const name = runName.safeParse(wanted ?? (value as { name?: unknown }).name)
  if (!name.success) throw invalid('body.name', 'expected lower-case letters, digits and hyphens')
  document.set('name', name.data)
  return { name: name.data, text: document.toString(), value }
}

function raise(error: Error): never {
  throw error
}
