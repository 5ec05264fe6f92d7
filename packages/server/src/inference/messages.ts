import type { ChatMessage, TokenLogprob } from '@attune/lm'

/** A model as the worker finds it: its folder, and a stamp that changes when the folder is written anew. */
export interface ModelRef {
  readonly folder: string
  readonly stamp: string
}

/** Completions to sample: `n` of every prompt, at most 64 together. */
export interface CompleteRequest {
  readonly op: 'complete'
  readonly model: ModelRef
  /** Plain texts, or one conversation. */
  readonly prompts: readonly (string | readonly ChatMessage[])[]
  readonly n: number
  /** What is left of the context, up to 256, when it is not given. */
  readonly maxNewTokens?: number | undefined
  readonly temperature: number
  readonly topP: number
  readonly seed: number
  readonly stop: readonly string[]
  readonly topLogprobs: number
}

/** Completions for a reward model to score. */
export interface ScoreRequest {
  readonly op: 'score'
  readonly model: ModelRef
  readonly inputs: readonly {
    readonly prompt: string | readonly ChatMessage[]
    readonly completion: string
  }[]
}

/** Pairs for a language model to judge. */
export interface JudgeRequest {
  readonly op: 'judge'
  readonly model: ModelRef
  readonly question: string
  readonly pairs: readonly { readonly prompt: string; readonly a: string; readonly b: string }[]
}

export type WorkerRequest = CompleteRequest | ScoreRequest | JudgeRequest

/** A token of a row, with the text that it lets out (stop strings and unfinished characters are held back). */
export interface TokenEvent {
  readonly type: 'token'
  readonly row: number
  readonly text: string
  /** Text of the token itself and its bytes. */
  readonly token: string
  readonly bytes: readonly number[]
  readonly logprob: number
  readonly top: readonly (TokenLogprob & { readonly text: string; readonly bytes: readonly number[] })[]
  readonly finishReason?: 'stop' | 'length' | undefined
}

/** What a worker says about a request, in order; `done` or `error` is the last. */
export type WorkerEvent =
  | { readonly type: 'start'; readonly promptTokens: readonly number[] }
  | TokenEvent
  | { readonly type: 'scores'; readonly scores: readonly number[] }
  | { readonly type: 'done' }
  | { readonly type: 'error'; readonly message: string; readonly invalid: boolean }

export type ToWorker =
  | { readonly id: number; readonly request: WorkerRequest }
  | { readonly id: number; readonly cancel: true }

export interface FromWorker {
  readonly id: number
  readonly event: WorkerEvent
}
