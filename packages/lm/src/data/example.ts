import type { ChatMessage } from '../chat/message.ts'

/** A plain text, or messages of a conversation. */
export type TextOrChat = string | readonly ChatMessage[]

/** A text or conversation to learn whole (TRL's language-modelling type). */
export interface LanguageModelingExample {
  readonly type: 'language-modeling'
  readonly text: TextOrChat
}

/** A prompt to answer. */
export interface PromptExample {
  readonly type: 'prompt-only'
  readonly prompt: TextOrChat
}

/** A prompt and what follows it. */
export interface CompletionExample {
  readonly type: 'prompt-completion'
  readonly prompt: TextOrChat
  readonly completion: TextOrChat
}

/** Completions of one prompt, best first; two in a comparison. */
export interface PreferenceExample {
  readonly type: 'preference'
  readonly prompt: TextOrChat
  readonly completions: readonly TextOrChat[]
  /** How much better each is than a worse one. */
  readonly margin?: number
}

/** A completion that somebody liked or did not. */
export interface UnpairedExample {
  readonly type: 'unpaired-preference'
  readonly prompt: TextOrChat
  readonly completion: TextOrChat
  readonly label: boolean
}

/** Steps towards an answer, each right or wrong. */
export interface StepwiseExample {
  readonly type: 'stepwise-supervision'
  readonly prompt: TextOrChat
  readonly steps: readonly string[]
  readonly labels: readonly boolean[]
}

/** A row of any of TRL's types; tools, where a template shows them, come along. */
export type Example = (
  | LanguageModelingExample
  | PromptExample
  | CompletionExample
  | PreferenceExample
  | UnpairedExample
  | StepwiseExample
) & { readonly tools?: readonly object[] }

/** Name of a type, as TRL's documentation calls it. */
export type ExampleType = Example['type']

/** All types. */
export const exampleTypes = [
  'language-modeling',
  'prompt-only',
  'prompt-completion',
  'preference',
  'unpaired-preference',
  'stepwise-supervision',
] as const satisfies readonly ExampleType[]

/** A row as a file holds it. */
export type Row = Readonly<Record<string, unknown>>

/** A row with the place it comes from, such as `file.jsonl:12`. */
export interface PlacedRow {
  readonly where: string
  readonly row: Row
}

/** An example with the place it comes from. */
export interface Placed<T extends Example = Example> {
  readonly where: string
  readonly example: T
}
