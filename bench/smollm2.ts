import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where the real model of these workloads lies (scripts/get-smollm2.sh). */
export const folder = fileURLToPath(new URL('../models/smollm2-135m-instruct', import.meta.url))

/** Is it there? */
export const hasModel = existsSync(`${folder}/config.json`)

/** Sizes of the workloads, which the peers read too. */
export const sizes = JSON.parse(readFileSync(new URL('smollm2.json', import.meta.url), 'utf8')) as {
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
