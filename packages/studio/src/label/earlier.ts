/**
 * Drafts as the forms read them. A draft was kept by the form itself, here or on another machine, or is what the server makes
 * of an answer that was taken back (the answer's fields); what fits neither is left out, never trusted.
 */

type Loose = Readonly<Record<string, unknown>>

function fieldsOf(draft: unknown): Loose {
  return typeof draft === 'object' && draft !== null ? (draft as Loose) : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function entriesOf(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value.map(fieldsOf) : []
}

/** Whether these are the indices 0 … count − 1 in some order. */
function isOrder(value: unknown, count: number): value is readonly number[] {
  return (
    Array.isArray(value) && value.length === count && [...Array(count).keys()].every((i) => value.includes(i))
  )
}

/** The reason that was given. */
export function earlierComment(draft: unknown): string {
  return textOf(fieldsOf(draft).comment) ?? ''
}

/** A preference between two in the item's own indices, whichever side they were on, and its strength. */
export interface EarlierPreference {
  readonly preferred?: 0 | 1 | 'tie' | 'both-bad'
  readonly strength?: 1 | 2 | 3
}

/** The preference that was chosen before, if one was. */
export function earlierPreference(draft: unknown): EarlierPreference {
  const { preferred, strength } = fieldsOf(draft)
  const found = ([0, 1, 'tie', 'both-bad'] as const).find((value) => value === preferred)
  const weight = ([1, 2, 3] as const).find((value) => value === strength)
  return found === undefined ? {} : { preferred: found, ...(weight && { strength: weight }) }
}

/** An order of completions, best first, and those that tie with the next one. */
export interface EarlierRanking {
  readonly order: readonly number[]
  readonly tied: readonly number[]
}

/** The ranking of `count` completions that was begun, if one was. */
export function earlierRanking(draft: unknown, count: number): EarlierRanking | undefined {
  const { order, tied, ties } = fieldsOf(draft)
  if (!isOrder(order, count)) return undefined
  if (Array.isArray(tied)) return { order, tied: order.filter((index) => tied.includes(index)) }
  return { order, tied: order.filter((_, place) => Array.isArray(ties) && ties.includes(place)) }
}

/** The grades that were given, by scale; grades that a scale does not have are left out. */
export function earlierGrades(
  draft: unknown,
  scales: readonly { readonly name: string; readonly low: number; readonly high: number }[],
): Record<string, number> {
  const { ratings, ...own } = fieldsOf(draft)
  const rated = Object.fromEntries(entriesOf(ratings).map(({ scale, value }) => [scale, value]))
  const grades = Array.isArray(ratings) ? rated : own
  return Object.fromEntries(
    scales.flatMap(({ name, low, high }) => {
      const value = grades[name]
      return typeof value === 'number' && value >= low && value <= high ? [[name, value] as const] : []
    }),
  )
}

/** Whether a rule was broken, and where. */
export interface EarlierCheck {
  readonly violated: boolean
  readonly span?: { readonly start: number; readonly end: number }
}

/** The rules that were checked, by id. */
export function earlierChecks(
  draft: unknown,
  rules: readonly { readonly id: string }[],
): Record<string, EarlierCheck> {
  const { checks, ...own } = fieldsOf(draft)
  const listed = entriesOf(checks ?? (own.kind === 'violation' ? [own] : undefined))
  const byRule = Object.fromEntries(listed.map((check) => [check.rule, check]))
  const found = listed.length > 0 ? byRule : own
  return Object.fromEntries(
    rules.flatMap(({ id }) => {
      const { violated, span } = fieldsOf(found[id])
      if (typeof violated !== 'boolean') return []
      const { start, end } = fieldsOf(span)
      const marked = typeof start === 'number' && typeof end === 'number' && violated
      return [[id, { violated, ...(marked && { span: { start, end } }) }] as const]
    }),
  )
}

/** The text that was written: a critique's, a demonstration's or an edit's. */
export function earlierText(draft: unknown): string | undefined {
  const { text, kind, completion, after } = fieldsOf(draft)
  return textOf(text) ?? textOf(after) ?? (kind === 'demonstration' ? textOf(completion) : undefined)
}
