import { readFile } from 'node:fs/promises'
import { closest, distance } from 'fastest-levenshtein'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { UserError } from '../errors.ts'
import { withoutRounds, writtenRecipeSchema } from './rounds.ts'
import { type Recipe, stageSchema } from './schema.ts'
import { sourcesOf } from './sources.ts'

/** Reads and validates a recipe; `overrides` are `path=value` with a YAML value. */
export async function loadRecipe(path: string, overrides: readonly string[] = []): Promise<Recipe> {
  return parseRecipe(await recipeText(path), { path, overrides })
}

/** The text of a recipe's file. Throws when it cannot be read. */
export function recipeText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`${path}: ${cause.code === 'ENOENT' ? 'there is no such recipe' : cause.message}`)
  })
}

/** Validates a recipe's text. Throws with file, line, field, what was found and what was expected. */
export function parseRecipe(
  text: string,
  { path, overrides = [] }: { path: string; overrides?: readonly string[] },
): Recipe {
  return checkStages(writtenOut(parseYaml(writtenRecipeSchema, text, { path, overrides }), path), path)
}

/** Validates YAML by a schema, with overrides. Throws with file, line, field, what was found and what was expected. */
export function parseYaml<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  { path, overrides = [] }: { path: string; overrides?: readonly string[] },
): z.output<Schema> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [problem] = document.errors
  if (problem) throw new UserError(`${path}: ${problem.message}`)
  for (const override of overrides) applyOverride(document, override)
  const result = schema.safeParse(document.toJS())
  if (result.success) return result.data
  const messages = result.error.issues.map((issue) => describe(issue, { schema, document, lines, path }))
  throw new UserError(messages.join('\n'))
}

function writtenOut(recipe: z.infer<typeof writtenRecipeSchema>, path: string): Recipe {
  try {
    const stages = withoutRounds(recipe.stages)
    for (const stage of stages) {
      // `every:` becomes a list, which not every field takes
      const [issue] = stageSchema.safeParse(stage).error?.issues ?? []
      if (issue) throw new Error(`stage '${stage.name}', ${issue.path.join('.')}: ${issue.message}`)
    }
    return { ...recipe, stages }
  } catch (cause) {
    throw new UserError(`${path}: ${(cause as Error).message}`)
  }
}

/** `stages.<name>.<field>` or `<field>`; stages may be given by name or position. */
function applyOverride(document: Document, override: string): void {
  const split = override.indexOf('=')
  if (split < 1) throw new UserError(`--set ${override}: expected path=value, such as stages.ppo.steps=20`)
  const keys = override.slice(0, split).split('.')
  const written = parseDocument(override.slice(split + 1))
  const [problem] = written.errors
  if (problem) throw new UserError(`--set ${override}: ${problem.message}`)
  const value = written.toJS()
  const stages = (document.toJS() as { stages?: { name?: string }[] }).stages ?? []
  const resolved = keys.map((key, i) => {
    if (i !== 1 || keys[0] !== 'stages') return key
    const position = stages.findIndex(({ name }) => name === key)
    const index = position < 0 && /^\d+$/.test(key) ? Number(key) : position
    if (index < 0 || index >= stages.length) {
      throw new UserError(
        `--set ${override}: there is no stage '${key}'; the recipe has ${stages.map(({ name }) => name).join(', ')}`,
      )
    }
    return index
  })
  document.setIn(resolved, value)
}

interface Place {
  readonly schema: z.ZodType
  readonly document: Document
  readonly lines: LineCounter
  readonly path: string
}

function describe(issue: z.core.$ZodIssue, place: Place): string {
  const { schema, document, lines, path } = place
  const within = withinOf(issue)
  if (within) return within.map((inner) => describe(inner, place)).join('\n')
  const node = document.getIn(issue.path, true) ?? document.getIn(issue.path.slice(0, -1), true)
  const offset = isNode(node) ? node.range?.[0] : undefined
  const where = offset === undefined ? path : `${path}:${lines.linePos(offset).line}`
  const field = issue.path.join('.') || 'recipe'
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, document, issue.path)
    return issue.keys.map((key) => `${where}: ${field} has no field '${key}'${meant(key, known)}`).join('\n')
  }
  const found = document.getIn(issue.path)
  return `${where}: ${field}: ${issue.message}${found === undefined ? '' : `, found ${JSON.stringify(found)}`}`
}

/** What is wrong within a value, by the alternative of a union that takes its kind; undefined when none does. */
function withinOf(issue: z.core.$ZodIssue): z.core.$ZodIssue[] | undefined {
  if (issue.code !== 'invalid_union') return undefined
  const fitting = issue.errors.find((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code !== 'invalid_type'),
  )
  return fitting?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** Asks whether the nearest known name was meant, unless most of its letters are others. */
function meant(key: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const nearest = closest(key, known)
  const isNear = distance(key, nearest) <= Math.max(key.length, nearest.length) / 2
  return isNear ? `; did you mean '${nearest}'?` : ''
}

/** Field names that the schema knows at a path. */
function knownKeys(root: z.ZodType, document: Document, path: readonly PropertyKey[]): string[] {
  const collect = (schema: unknown): string[] => {
    const { shape, options, discriminator, element, innerType } = (schema as { def: Record<string, unknown> })
      .def as {
      shape?: Record<string, unknown>
      options?: unknown[]
      discriminator?: string
      element?: unknown
      innerType?: unknown
    }
    if (shape) return Object.keys(shape)
    if (options) {
      const kind = discriminator && document.getIn([...path, discriminator])
      const chosen = discriminator && options.find((option) => literalOf(option, discriminator) === kind)
      return (chosen ? [chosen] : options).flatMap(collect)
    }
    return element || innerType ? collect(element ?? innerType) : []
  }
  let schema: unknown = root
  for (const key of path) {
    const def = (schema as { def: Record<string, unknown> }).def
    const parent = (def.innerType as { def: Record<string, unknown> } | undefined)?.def ?? def
    if (parent.element) schema = parent.element
    else if (parent.options) {
      const options = parent.options as { def: { shape?: Record<string, unknown> } }[]
      schema =
        options.find((option) => option.def.shape && String(key) in option.def.shape)?.def.shape?.[
          String(key)
        ] ?? schema
    } else schema = (parent.shape as Record<string, unknown> | undefined)?.[String(key)] ?? schema
  }
  return collect(schema)
}

/** The literal that tells an option of a union from the others; undefined when it may be left out. */
function literalOf(option: unknown, name: string): unknown {
  const { shape } = (option as { def: { shape?: Record<string, { def: { values?: unknown[] } }> } }).def
  return shape?.[name]?.def.values?.[0]
}

function checkStages(recipe: Recipe, path: string): Recipe {
  const earlier = new Set<string>()
  for (const stage of recipe.stages) {
    if (earlier.has(stage.name)) throw new UserError(`${path}: two stages are named '${stage.name}'`)
    for (const [field, value] of sourcesOf(stage)) {
      if (!value.startsWith('stage:')) continue
      const wanted = value.slice('stage:'.length)
      if (!earlier.has(wanted)) {
        const list = [...earlier].join(', ') || 'none'
        throw new UserError(
          `${path}: stage '${stage.name}', ${field}: '${value}' names no earlier stage (there are: ${list})`,
        )
      }
    }
    earlier.add(stage.name)
  }
  return recipe
}
