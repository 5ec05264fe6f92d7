import type { NewItem } from '../model/item.ts'
import type { Judgment } from '../model/judgment.ts'
import { type Prompt, promptText } from '../model/text.ts'

/** Judgments that other tools' formats can hold. */
export type Exchangeable = Extract<Judgment, { kind: 'comparison' | 'ranking' | 'rating' | 'binary' }>

/** An item's judgments together, as those formats have them. */
export interface Grouped {
  readonly item: string
  readonly prompt: string
  readonly texts: readonly string[]
  readonly judgments: readonly Exchangeable[]
}

/** Judgments by item; kinds that cannot be held are left out. Holds them all in memory. */
export async function groupedByItem(
  judgments: AsyncIterable<Judgment> | Iterable<Judgment>,
): Promise<Grouped[]> {
  const items = new Map<string, { prompt: Prompt; texts: readonly string[]; judgments: Exchangeable[] }>()
  for await (const judgment of judgments) {
    if (!isExchangeable(judgment)) continue
    const texts = 'completions' in judgment ? judgment.completions : [judgment.completion]
    // Ratings of several completions of one item are apart, so that each keeps its text.
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

function isExchangeable(judgment: Judgment): judgment is Exchangeable {
  return ['comparison', 'ranking', 'rating', 'binary'].includes(judgment.kind)
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
