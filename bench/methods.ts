import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The models of these workloads: SmolLM2-135M-Instruct, and the 14 M GPT of `workload.ts` with random weights. */
export const benchModels = ['smollm2', 'gpt'] as const
export type BenchModel = (typeof benchModels)[number]

/** Where the real model lies (scripts/get-smollm2.sh). */
export const smollm2Folder = fileURLToPath(new URL('../models/smollm2-135m-instruct', import.meta.url))

/** The small model whose tokenizer the GPT borrows. */
export const tokenizerFolder = fileURLToPath(new URL('../models/sotu-4m', import.meta.url))

/** Is the real model there? */
export const hasSmollm2 = existsSync(`${smollm2Folder}/config.json`)

/** Sizes of the workloads, which the peers read too. */
export const sizes = JSON.parse(readFileSync(new URL('methods.json', import.meta.url), 'utf8')) as {
  readonly steps: number
  readonly supervised: { readonly rows: number; readonly tokens: number }
  readonly direct: { readonly pairs: number; readonly prompt: number; readonly completion: number }
  readonly scoring: { readonly rows: number; readonly tokens: number }
  readonly generation: { readonly prompt: number; readonly newTokens: number }
  readonly online: {
    readonly prompts: number
    readonly group: number
    readonly prompt: number
    readonly newTokens: number
  }
}
