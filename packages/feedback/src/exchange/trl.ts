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

/** A row of TRL's language modeling type: a text, or the messages of a conversation. */
export type TrlLanguageModeling = { readonly text: string } | { readonly messages: readonly ChatMessage[] }

/** A row of TRL's prompt-only type. */
export interface TrlPromptOnly {
  readonly prompt: TrlText
}

/** A row of TRL's stepwise supervision type, which has plain texts only. */
export interface TrlStepwise {
  readonly prompt: string
  readonly completions: readonly string[]
  readonly labels: readonly boolean[]
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

/** Demonstrations and edited texts whole, prompt and answer in one. */
export async function* trlLanguageModeling(
  judgments: Source,
  options: TrlOptions = {},
): AsyncGenerator<TrlLanguageModeling> {
  for await (const { prompt, completion } of trlPromptCompletion(judgments, options))
    yield typeof prompt === 'string'
      ? { text: `${prompt}${completion as string}` }
      : { messages: [...prompt, ...(completion as readonly ChatMessage[])] }
}

/** Each prompt that was judged, once, for methods that sample the answers themselves. */
export async function* trlPromptOnly(
  judgments: Source,
  options: TrlOptions = {},
): AsyncGenerator<TrlPromptOnly> {
  const seen = new Set<string>()
  for await (const judgment of asked(judgments, options)) {
    if (!('prompt' in judgment)) continue
    const { prompt } = judgment
    const key = JSON.stringify(prompt)
    if (!seen.has(key)) yield { prompt }
    seen.add(key)
  }
}

/**
 * Lines of checked answers as steps: a step is wrong where the span of a broken rule touches it. Answers whose broken rule has no
 * span, and prompts of several messages, give none.
 */
export async function* trlStepwise(judgments: Source): AsyncGenerator<TrlStepwise> {
  for await (const judgment of judgments) {
    if (judgment.kind !== 'rule-check' && judgment.kind !== 'violation') continue
    const prompt = plainPrompt(judgment.prompt)
    const checks = judgment.kind === 'rule-check' ? judgment.checks : [judgment]
    const broken = checks.filter(({ violated }) => violated)
    if (prompt === null || broken.some(({ span }) => !span)) continue
    const steps = [...judgment.completion.matchAll(/[^\n]*\S[^\n]*/g)]
    if (steps.length === 0) continue
    yield {
      prompt,
      completions: steps.map(([text]) => text),
      labels: steps.map(
        ({ 0: text, index }) =>
          !broken.some(({ span }) => span!.start < index + text.length && span!.end > index),
      ),
    }
  }
}

function plainPrompt(prompt: Prompt): string | null {
  if (typeof prompt === 'string') return prompt
  const [message, ...more] = prompt
  return message?.role === 'user' && more.length === 0 ? message.content : null
}

/** The dataset types of TRL that judgments make, by the names of export formats. */
export const trlFormats = {
  'trl-preference': trlPreference,
  'trl-unpaired': trlUnpaired,
  'trl-prompt-completion': trlPromptCompletion,
  'trl-language-modeling': trlLanguageModeling,
  'trl-prompt-only': trlPromptOnly,
  'trl-stepwise': trlStepwise,
}

/** A dataset type of TRL that judgments make. */
export type TrlFormat = keyof typeof trlFormats
/** All of them. */
export const trlFormatNames = Object.keys(trlFormats) as readonly TrlFormat[]
