import type { Item, Judgment, PersonAnnotator, Project, Protocol } from '@attune/feedback'
import type { z } from '@hono/zod-openapi'
import type { answer } from '../api/records.ts'
import { invalid } from '../http/api-error.ts'

type Answer = z.output<typeof answer>

/** What is known of an answer besides it. */
export interface AnswerContext {
  readonly item: Item
  readonly project: Project
  /** Version of the protocol that the annotator was shown. */
  readonly protocol: string
  readonly annotator: PersonAnnotator
  readonly time: string
  readonly durationSeconds?: number | undefined
  readonly supersedes?: string | undefined
  readonly shown?: readonly number[] | undefined
  readonly comment?: string | undefined
}

/** An answer with what was judged, who, when and under which protocol. Throws `invalid` when it does not fit the item. */
export function judgmentOf(given: Answer, context: AnswerContext): Judgment & { project: string } {
  const { item, project, protocol, annotator, time, durationSeconds, supersedes, shown, comment } = context
  checkKind(given, project.protocol)
  checkShown(shown, item)
  const record = {
    project: project.id,
    item: item.id,
    annotator,
    time,
    protocol,
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(supersedes === undefined ? {} : { supersedes }),
    ...(shown === undefined ? {} : { shown }),
    ...(comment === undefined ? {} : { comment }),
  }
  return { ...record, ...contentOf(given, item, project.protocol) } as Judgment & { project: string }
}

function checkKind({ kind }: Answer, protocol: Protocol): void {
  if (kind !== protocol.kind && kind !== 'flag')
    throw invalid('body.judgment.kind', `is '${kind}', but the project asks for '${protocol.kind}'`)
}

function checkShown(shown: readonly number[] | undefined, { completions, clips }: Item): void {
  const count = clips?.length ?? completions.length
  if (shown && !isOrder(shown, count))
    throw invalid('body.shown', `expected each index of the ${count} completions once`)
}

/** Whether indices are each of `count` once. */
function isOrder(indices: readonly number[], count: number): boolean {
  return indices.length === count && [...indices].sort((a, b) => a - b).every((index, i) => index === i)
}

/** The fields of a kind of judgment. */
function contentOf(given: Answer, item: Item, protocol: Protocol): object {
  const { prompt } = item
  switch (given.kind) {
    case 'comparison':
      checkPreferred(given.preferred, protocol)
      if (item.completions.length !== 2)
        throw invalid('body.judgment', `the item has ${item.completions.length} completions, not two`)
      return { ...given, prompt, completions: [completionAt(item, 0), completionAt(item, 1)] }
    case 'clip-comparison':
      checkPreferred(given.preferred, protocol)
      if (item.clips?.length !== 2) throw invalid('body.judgment', 'the item has no two clips')
      return { ...given, clips: item.clips }
    case 'ranking': {
      const count = item.completions.length
      if (!isOrder(given.order, count))
        throw invalid('body.judgment.order', `expected each index of the ${count} completions once`)
      return { ...given, prompt, completions: item.completions.map(({ text }) => text) }
    }
    case 'rating':
      for (const [i, { scale, value }] of given.ratings.entries()) {
        const known = protocol.scales?.find(({ name }) => name === scale)
        const field = `body.judgment.ratings.${i}`
        if (!known) throw invalid(`${field}.scale`, `the protocol has no scale '${scale}'`)
        if (value < known.low || value > known.high)
          throw invalid(`${field}.value`, `is ${value}, expected ${known.low} to ${known.high}`)
      }
      return { ...given, prompt, completion: completionAt(item, given.completion) }
    case 'binary':
    case 'critique':
      return { ...given, prompt, completion: completionAt(item, given.completion) }
    case 'edit': {
      const { completion, ...rest } = given
      return { ...rest, prompt, before: completionAt(item, completion) }
    }
    case 'demonstration':
      return { kind: given.kind, prompt, completion: given.text }
    case 'violation':
      checkRule(given.rule, protocol, 'body.judgment.rule')
      return { ...given, prompt, completion: completionAt(item, given.completion) }
    case 'rule-check':
      for (const [i, { rule }] of given.checks.entries())
        checkRule(rule, protocol, `body.judgment.checks.${i}.rule`)
      return { ...given, prompt, completion: completionAt(item, given.completion) }
    case 'flag':
      return given
  }
}

function completionAt({ completions }: Item, index: number): string {
  const completion = completions[index]
  if (!completion)
    throw invalid(
      'body.judgment.completion',
      `is ${index}, but the item has ${completions.length} completions`,
    )
  return completion.text
}

function checkPreferred(preferred: 0 | 1 | 'tie' | 'both-bad', { allowTie }: Protocol): void {
  if (!allowTie && (preferred === 'tie' || preferred === 'both-bad'))
    throw invalid('body.judgment.preferred', `is '${preferred}', but the project asks for one of the two`)
}

function checkRule(rule: string, { rules = [] }: Protocol, field: string): void {
  if (!rules.some(({ id }) => id === rule)) throw invalid(field, `the protocol has no rule '${rule}'`)
}
