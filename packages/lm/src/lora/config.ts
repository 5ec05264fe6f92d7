import { fieldReader } from '../checkpoint/field-reader.ts'

/** PEFT's `adapter_config.json`, as far as it shapes the adapter. */
export interface LoraConfig {
  readonly peft_type: 'LORA'
  /** Rank of the factors; 0 leaves the base as it is. */
  readonly r: number
  /** The product B·A is scaled by alpha/r, or alpha/√r when `use_rslora`. */
  readonly lora_alpha: number
  readonly use_rslora: boolean
  /** Layers by the last part of their name, or 'all-linear' for every projection of the blocks. */
  readonly target_modules: readonly string[] | 'all-linear'
  /** Heads that are trained whole and saved beside the factors, as `score`. */
  readonly modules_to_save: readonly string[] | null
  readonly task_type: string
  /** Weights are stored [in, out], as GPT-2's are. */
  readonly fan_in_fan_out: boolean
  /** Where the base lies: a path, from the working folder, or a hub id. */
  readonly base_model_name_or_path: string | null
  readonly bias: 'none'
  readonly lora_dropout: number
}

/** A configuration with defaults for what is left out: PEFT's, but for lora_alpha (8 there) and target_modules. Throws a `RangeError` for a rank or alpha out of range. */
export function loraConfig(
  options: Partial<LoraConfig> & { readonly base_model_name_or_path: string | null },
): LoraConfig {
  const config: LoraConfig = {
    peft_type: 'LORA',
    r: 8,
    lora_alpha: 16,
    use_rslora: false,
    target_modules: 'all-linear',
    modules_to_save: null,
    task_type: 'CAUSAL_LM',
    fan_in_fan_out: false,
    bias: 'none',
    lora_dropout: 0,
    ...options,
  }
  if (!Number.isInteger(config.r) || config.r < 0)
    throw new RangeError(`the rank r is ${config.r}, expected a whole number from 0`)
  if (!(config.lora_alpha > 0))
    throw new RangeError(`lora_alpha is ${config.lora_alpha}, expected a number above 0`)
  return config
}

/** PEFT's named starts that leave the base's weights as they are; PiSSA, OLoRA, CorDA and LoftQ take the factors out of them. */
const startsOnBase: readonly string[] = ['gaussian', 'eva']

/** Validates an `adapter_config.json`. Throws with the file, the field, what was found and what was expected. */
export function parseLoraConfig(json: Readonly<Record<string, unknown>>, where: string): LoraConfig {
  const read = fieldReader(json, where)
  read.oneOf('peft_type', ['LORA'], '')
  read.oneOf('bias', ['none'], 'none')
  for (const variant of ['use_dora', 'alpha_pattern', 'rank_pattern', 'layers_to_transform'] as const) {
    const value = json[variant] ?? false
    const empty = value === false || (typeof value === 'object' && Object.keys(value).length === 0)
    if (!empty) read.fail(variant, 'none: this variant of LoRA is not supported')
  }
  const { init_lora_weights: start = true } = json
  if (typeof start === 'string' && !startsOnBase.includes(start))
    read.fail(
      'init_lora_weights',
      `true, false or ${startsOnBase.join(' or ')}: others change the base (true, where the base named is the changed one)`,
    )
  return loraConfig({
    ...json,
    r: read.count('r'),
    lora_alpha: read.positive('lora_alpha', 8),
    use_rslora: read.flag('use_rslora', false),
    fan_in_fan_out: read.flag('fan_in_fan_out', false),
    target_modules:
      targets(json.target_modules) ?? read.fail('target_modules', "a list of layers' names or 'all-linear'"),
    base_model_name_or_path:
      typeof json.base_model_name_or_path === 'string' ? json.base_model_name_or_path : null,
  })
}

function targets(value: unknown): readonly string[] | 'all-linear' | undefined {
  if (value === 'all-linear') return value
  return Array.isArray(value) && value.every((name) => typeof name === 'string') ? value : undefined
}

/** Factor of B·A (Hu et al. 2021; Kalajdzievski 2023 with the root). */
export function loraScale({ r, lora_alpha: alpha, use_rslora: rooted }: LoraConfig): number {
  return alpha / (rooted ? Math.sqrt(r) : r)
}
