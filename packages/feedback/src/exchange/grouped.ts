import type { NewItem } from '../model/item.ts'
import type { Judgment, JudgmentKind } from '../model/judgment.ts'
import { type Prompt, promptText } from '../model/text.ts'

/** Kinds that other tools' formats can hold. */
const exchangeable = [
  'comparison',
  'ranking',
  'rating',
  'binary',
  'critique',
  'edit',
  'demonstration',
  'violation',
  'rule-check',
] as const

/** Judgments that other tools' formats can hold. */
export type Exchangeable = Extract<Judgment, { kind: (typeof exchangeable)[number] }>

/** An item's judgments together, as those formats have them. */
export interface Grouped {
  readonly item: string
  readonly prompt: string
  readonly texts: readonly string[]
  readonly judgments: readonly Exchangeable[]
}

type Source = AsyncIterable<Judgment> | Iterable<Judgment>

/** Judgments by item; kinds that cannot be held are left out (see `leftOut`). Holds them all in memory. */
export async function groupedByItem(judgments: Source): Promise<Grouped[]> {
  const items = new Map<string, { prompt: Prompt; texts: readonly string[]; judgments: Exchangeable[] }>()
  for await (const judgment of judgments) {
    if (!isExchangeable(judgment)) continue
    const texts = textsOf(judgment)
    // Judgments of several completions of one item are apart, so that each keeps its text.
    const key = 'completions' in judgment ? judgment.item : JSON.stringify([judgment.item, texts])
    const known = items.get(key) ?? { prompt: judgment.prompt, texts, judgments: [] }
    known.judgments.push(judgment)
    items.set(key, known)
  }
  return [...items.values()].map((group) => ({
    item: group.judgments[0]!.item,
    prompt: promptText(group.prompt),
    texts: group.texts,
    judgments: group.judgments,
  }))
}

function textsOf(judgment: Exchangeable): readonly string[] {
  if ('completions' in judgment) return judgment.completions
  if (judgment.kind === 'edit') return [judgment.before]
  return judgment.kind === 'demonstration' ? [] : [judgment.completion]
}

function isExchangeable(judgment: Judgment): judgment is Exchangeable {
  return (exchangeable as readonly JudgmentKind[]).includes(judgment.kind)
}

/** How many judgments of each kind Argilla's and Label Studio's formats cannot hold. */
export async function leftOut(judgments: Source): Promise<Partial<Record<JudgmentKind, number>>> {
  const counts: Partial<Record<JudgmentKind, number>> = {}
  for await (const judgment of judgments)
    if (!isExchangeable(judgment)) counts[judgment.kind] = (counts[judgment.kind] ?? 0) + 1
  return counts
}

/** Rules as labels: `<rule>:broken` or `<rule>:kept`; where in the text is left out. */
export function ruleLabels(judgment: Extract<Exchangeable, { kind: 'violation' | 'rule-check' }>): string[] {
  const checks = judgment.kind === 'violation' ? [judgment] : judgment.checks
  return checks.map(({ rule, violated }) => `${rule}:${violated ? 'broken' : 'kept'}`)
}

/** The checks of such labels; what is malformed has no `violated`. */
export function checksOfLabels(labels: unknown): { rule: string; violated: boolean | undefined }[] {
  return (Array.isArray(labels) ? labels : [labels]).map((label) => {
    const [, rule = '', verdict = ''] = /^(.+):(broken|kept)$/.exec(String(label)) ?? []
    return { rule, violated: verdict === '' ? undefined : verdict === 'broken' }
  })
}

/** An item of a prompt and texts. */
export function itemOfTexts(id: string, prompt: string, texts: readonly string[]): NewItem {
  return { id, prompt, completions: texts.map((text) => ({ text })) }
}

/** What imported judgments say beside their answer. */
export interface ImportContext {
  readonly project: string
  readonly protocol: string
  /** For records without a time. */
  readonly time: string
}
