import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { id } from '../api/ids.ts'
import { invalid } from '../http/api-error.ts'
import type { FoundModel } from '../models/discover.ts'

/** A recipe that comes with the project. */
export interface KnownRecipe {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly paper: string
  readonly text: string
}

/** The recipes of stages in a folder's `recipes/`; those of control are for the command line. */
export async function knownRecipes(folder: string): Promise<KnownRecipe[]> {
  const files = await readdir(join(folder, 'recipes')).catch(() => [])
  const names = files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length))
  const found = await Promise.all(
    names
      .filter((name) => id.safeParse(name).success)
      .sort()
      .map(async (name) => {
        const text = await readFile(join(folder, 'recipes', `${name}.yaml`), 'utf8')
        const {
          stages,
          description = '',
          paper = '',
        } = (parse(text) ?? {}) as Partial<KnownRecipe & { stages: unknown }>
        const recipe = { id: name, name, description: String(description), paper: String(paper), text }
        return stages === undefined ? [] : [recipe]
      }),
  )
  return found.flat()
}

/** Paths that a recipe may name: models that are there and files that lie beside the known recipes. */
export async function knownPaths(folder: string, models: readonly FoundModel[]): Promise<Set<string>> {
  const entries = await readdir(join(folder, 'recipes'), { recursive: true }).catch(() => [])
  return new Set(
    [...models.map(({ path }) => path), ...entries.map((entry) => join('recipes', entry))].map((path) =>
      path.replaceAll('\\', '/'),
    ),
  )
}

/** A YAML text may hold itself. */
const deepest = 12

/** Fields of stages that name no file, whatever they hold. */
const plainFields = new Set(['name', 'stage', 'gold', 'monitor', 'description', 'paper', 'metric'])

/**
 * Checks that every text in a recipe's stages that could be a path is `stage:…`, a known path, or a plain word of a field
 * that the recipes themselves use with words. Throws `invalid` with the first that is not.
 */
export function checkPaths(recipe: unknown, known: ReadonlySet<string>): void {
  const stages = (recipe as { stages?: unknown } | null)?.stages
  if (!Array.isArray(stages)) throw invalid('body.recipe', 'has no stages')
  const visit = (value: unknown, path: readonly string[]): void => {
    if (path.length > deepest) throw invalid('body.recipe', 'is nested too deeply')
    if (typeof value === 'string' && !plainFields.has(path.at(-1)!)) checkText(value, path, known)
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) visit(inner, [...path, key])
  }
  stages.forEach((stage, i) => {
    visit(stage, ['stages', String(i)])
  })
}

/** Fields that name a file or folder; see the recipes' schema. */
const sourceFields = new Set([
  'model',
  'reward',
  'reference',
  'before',
  'after',
  'data',
  'comparisons',
  'prompts',
  'text',
  'path',
  'file',
])

function checkText(value: string, path: readonly string[], known: ReadonlySet<string>): void {
  const field = path.at(-1)!
  const isSource = sourceFields.has(field) || /[/\\]|\.\.|\.[a-z]{1,6}$/i.test(value)
  if (!isSource || /^stage:[a-z0-9-]+$/.test(value) || known.has(value)) return
  throw invalid(
    'body.recipe',
    `${path.join('.')} is '${value.slice(0, 100)}', expected stage:<name>, a known model's path, or a file of recipes/`,
  )
}
