import { z } from 'zod'
import { count, named } from './fields.ts'
import { recipeFields, type Stage, stageSchema } from './schema.ts'
import { source } from './source.ts'

/** Stages that are run several times, each round from what the one before it left (generate, label, reward, policy). */
export const roundsSchema = z.strictObject({
  stage: z.literal('rounds'),
  ...named,
  count,
  /** What `previous:<stage>` is in the first round. */
  start: z.record(z.string(), source),
  /** `stage:<name>` is this round's, `previous:<name>` that of the round before, `every:<name>` the data of all rounds so far. */
  stages: z.array(stageSchema).min(1),
})

/** A recipe as people write it: rounds among its stages. */
export const writtenRecipeSchema = z.strictObject({
  ...recipeFields,
  stages: z.array(z.discriminatedUnion('stage', [...stageSchema.options, roundsSchema])).min(1),
})

type Rounds = z.infer<typeof roundsSchema>
type WrittenStage = z.infer<typeof writtenRecipeSchema>['stages'][number]

/**
 * Rounds written out: stage `x` of round r is named `x-r`, takes the items behind those of the round before, and after the
 * rounds `stage:x` is that of the last. Throws where `previous:` names what has no start.
 */
export function withoutRounds(stages: readonly WrittenStage[]): Stage[] {
  const last = new Map<string, string>()
  return stages.flatMap((stage) => {
    const current = withSources(stage, (text) => {
      const name = last.get(text)
      return name ?? text
    })
    if (current.stage !== 'rounds') return [current]
    const expanded = Array.from({ length: current.count }, (_, i) => roundOf(current, i + 1)).flat()
    for (const { name } of current.stages) last.set(`stage:${name}`, `stage:${name}-${current.count}`)
    return expanded
  })
}

function roundOf({ stages, start, name: rounds }: Rounds, round: number): Stage[] {
  const names = new Set(stages.map(({ name }) => name))
  const resolve = (text: string): unknown => {
    const [, kind, name = ''] = /^(stage|previous|every):(.*)$/.exec(text) ?? []
    if (kind === 'stage') return names.has(name) ? `stage:${name}-${round}` : text
    if (kind === 'every')
      return Array.from({ length: round }, (_, i) => ({ path: `stage:${name}-${i + 1}`, weight: 1 }))
    if (kind !== 'previous') return text
    if (round > 1) return `stage:${name}-${round - 1}`
    const first = start[name]
    if (!first) throw new Error(`rounds '${rounds}': '${text}' has no start; add it as start: { ${name}: … }`)
    return first
  }
  return stages.map((stage) => {
    const named = { ...withSources(stage, resolve), name: `${stage.name}-${round}`, round }
    return 'items' in named && 'start' in named
      ? { ...named, start: named.start + (round - 1) * named.items }
      : named
  })
}

/** A copy with every text that may name a source replaced. */
function withSources<T>(value: T, replace: (text: string) => unknown): T {
  if (typeof value === 'string') return replace(value) as T
  if (Array.isArray(value)) return value.map((item) => withSources(item, replace)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === 'name' ? item : withSources(item, replace)]),
  ) as T
}
