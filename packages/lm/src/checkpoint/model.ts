import { type Parameters, type Random, randomKey } from '@attune/grad'
import type { LoraConfig } from '../lora/config.ts'
import { type Architecture, initialise } from '../models/architecture.ts'
import { gptNeox } from '../models/gpt-neox.ts'
import { gpt2 } from '../models/gpt2.ts'
import { llama } from '../models/llama.ts'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'
import type { ModelConfig } from './config.ts'

/** A language model in memory: what a Hugging Face checkpoint folder holds. */
export interface Model {
  readonly config: ModelConfig
  readonly architecture: Architecture
  readonly parameters: Parameters
  readonly tokenizer: Tokenizer
  /** Present when `parameters` are those of a low-rank adapter over a base. */
  readonly adapter?: Adapter
}

/** What an adapted model was made from: the base keeps its own parameters, which are shared and never change. */
export interface Adapter {
  readonly config: LoraConfig
  readonly base: Model
}

/** The architecture that a configuration describes. */
export function architectureOf(config: ModelConfig): Architecture {
  switch (config.model_type) {
    case 'gpt2':
      return gpt2(config)
    case 'gpt_neox':
      return gptNeox(config)
    default:
      return llama(config)
  }
}

/** A model with random parameters, a function of the seed. */
export function newModel(
  config: ModelConfig,
  { tokenizer, seed }: { tokenizer: Tokenizer; seed: number },
): Model {
  const architecture = architectureOf(config)
  const random = (name: string): Random => randomKey(seed, 'initialise', name)
  return { config, architecture, tokenizer, parameters: initialise(architecture, random) }
}
