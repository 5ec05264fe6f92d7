import { access } from 'node:fs/promises'
import { z } from 'zod'
import { UserError } from '../errors.ts'
import { hubFiles, isHubSource } from '../hub/dataset.ts'
import { type Stage, stageSchema } from './schema.ts'
import { fileSource, source } from './source.ts'

/** Fields that name tables, which a hub may have. */
const tableField = /(^|\.)(data|comparisons|prompts|test|path)$/

/** Checks that the files and folders which stages start from are there; a hub's are brought. Throws with the first that is not. */
export async function checkSources(stages: readonly Stage[]): Promise<void> {
  for (const stage of stages) {
    for (const [field, path] of sourcesOf(stage)) {
      if (path.startsWith('stage:')) continue
      if (isHubSource(path)) {
        await bring(path, { stage: stage.name, field })
        continue
      }
      await access(path).catch(() => {
        throw new UserError(`${stage.name}.${field}: there is no file or folder '${path}'`)
      })
    }
  }
}

async function bring(path: string, { stage, field }: { stage: string; field: string }): Promise<void> {
  if (!tableField.test(field))
    throw new UserError(
      `${stage}.${field}: '${path}' is a dataset's name; bring a model with \`attune pull\``,
    )
  await hubFiles(path).catch((cause) => {
    throw cause instanceof UserError ? new UserError(`${stage}.${field}: ${cause.message}`) : cause
  })
}

/** Fields of a stage that name files or folders, with what they name. */
export function sourcesOf(stage: Stage): [field: string, path: string][] {
  const schema = stageSchema.options.find(({ shape }) => shape.stage.value === stage.stage)
  return collect(schema, stage, [])
}

function collect(type: unknown, value: unknown, path: readonly string[]): [string, string][] {
  if (value === undefined) return []
  if (type === source || type === fileSource) return [[path.join('.'), value as string]]
  if (type instanceof z.ZodOptional) return collect(type.unwrap(), value, path)
  if (type instanceof z.ZodDiscriminatedUnion)
    return type.options
      .filter((option) => option instanceof z.ZodObject && option.safeParse(value).success)
      .flatMap((option) => collect(option, value, path))
  if (type instanceof z.ZodUnion)
    return type.options
      .filter((option) => option instanceof z.ZodArray === Array.isArray(value))
      .flatMap((option) => collect(option, value, path))
  if (type instanceof z.ZodArray && Array.isArray(value))
    return value.flatMap((item, i) => collect(type.element, item, [...path, String(i)]))
  if (!(type instanceof z.ZodObject)) return []
  return Object.entries(type.shape).flatMap(([field, inner]) =>
    collect(inner, (value as Record<string, unknown>)[field], [...path, field]),
  )
}
