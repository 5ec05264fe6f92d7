import type { Judgment } from '../model/judgment.ts'
import { pairsOfRanking } from '../model/ranking.ts'
import type { ChatMessage, Prompt } from '../model/text.ts'

/** A text, or messages where the prompt is a conversation, as TRL's conversational form wants. */
export type TrlText = string | readonly ChatMessage[]

/** A row of TRL's preference type (explicit prompt). */
export interface TrlPreference {
  readonly prompt: TrlText
  readonly chosen: TrlText
  readonly rejected: TrlText
}

/** A row of TRL's unpaired preference type. */
export interface TrlUnpaired {
  readonly prompt: TrlText
  readonly completion: TrlText
  readonly label: boolean
}

/** A row of TRL's prompt-completion type. */
export interface TrlPromptCompletion {
  readonly prompt: TrlText
  readonly completion: TrlText
}

type Source = AsyncIterable<Judgment> | Iterable<Judgment>

/** How rows are written: `conversational` makes a plain prompt one message of the user. */
export interface TrlOptions {
  readonly conversational?: boolean
}

/**
 * Whether judgments have prompts of both forms or of messages only: a dataset's column has one type, so all rows must then be
 * conversational.
 */
export async function isConversational(judgments: Source): Promise<boolean> {
  for await (const judgment of judgments)
    if ('prompt' in judgment && typeof judgment.prompt !== 'string') return true
  return false
}

async function* asked(judgments: Source, { conversational = false }: TrlOptions): AsyncGenerator<Judgment> {
  for await (const judgment of judgments)
    yield conversational && 'prompt' in judgment && typeof judgment.prompt === 'string'
      ? { ...judgment, prompt: [{ role: 'user', content: judgment.prompt }] }
      : judgment
}

function completionOf(prompt: Prompt, text: string): TrlText {
  return typeof prompt === 'string' ? text : [{ role: 'assistant', content: text }]
}

/** Pairs of comparisons, rankings (all pairs that do not tie) and edits (the edited text is chosen); ties give none. */
export async function* trlPreference(
  judgments: Source,
  options: TrlOptions = {},
): AsyncGenerator<TrlPreference> {
  for await (const judgment of asked(judgments, options)) {
    if (judgment.kind === 'edit') {
      const { prompt, before, after } = judgment
      if (before !== after) yield pair(prompt, after, before)
    }
    if (judgment.kind === 'ranking') {
      const { prompt, completions, order, ties } = judgment
      for (const [better, worse] of pairsOfRanking(order, ties))
        yield pair(prompt, completions[better]!, completions[worse]!)
    }
    if (judgment.kind === 'comparison' && typeof judgment.preferred === 'number') {
      const { prompt, completions, preferred } = judgment
      yield pair(prompt, completions[preferred]!, completions[1 - preferred]!)
    }
  }
}

function pair(prompt: Prompt, chosen: string, rejected: string): TrlPreference {
  return { prompt, chosen: completionOf(prompt, chosen), rejected: completionOf(prompt, rejected) }
}

/** Thumbs as they are; of comparisons the preferred is good and the other bad, both bad is bad twice, a tie gives none. */
export async function* trlUnpaired(judgments: Source, options: TrlOptions = {}): AsyncGenerator<TrlUnpaired> {
  for await (const judgment of asked(judgments, options)) {
    if (judgment.kind === 'binary') {
      const { prompt, completion, desirable } = judgment
      yield { prompt, completion: completionOf(prompt, completion), label: desirable }
    }
    if (judgment.kind === 'comparison' && judgment.preferred !== 'tie') {
      const { prompt, completions, preferred } = judgment
      for (const [i, text] of completions.entries())
        yield { prompt, completion: completionOf(prompt, text), label: i === preferred }
    }
  }
}

/** Demonstrations and edited texts, for supervised fine-tuning. */
export async function* trlPromptCompletion(
  judgments: Source,
  options: TrlOptions = {},
): AsyncGenerator<TrlPromptCompletion> {
  for await (const judgment of asked(judgments, options)) {
    if (judgment.kind !== 'demonstration' && judgment.kind !== 'edit') continue
    const text = judgment.kind === 'edit' ? judgment.after : judgment.completion
    yield { prompt: judgment.prompt, completion: completionOf(judgment.prompt, text) }
  }
}
