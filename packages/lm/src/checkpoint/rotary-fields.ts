import type { RotarySettings } from '../models/rotary.ts'
import { fieldReader } from './field-reader.ts'

/** Where a `config.json` says how positions turn: at its top, or (transformers 5) in `rope_parameters`. */
export interface RotaryFields {
  readonly rope_theta?: unknown
  readonly rotary_emb_base?: unknown
  readonly rope_scaling?: unknown
  readonly rope_parameters?: unknown
}

/** Base and scaling of the rotary positions. Throws when the file asks for a scaling that is not known. */
export function rotarySettings(config: RotaryFields, where: string): RotarySettings {
  const fields = { ...record(config.rope_scaling), ...record(config.rope_parameters) }
  const theta = fields.rope_theta ?? config.rope_theta ?? config.rotary_emb_base
  const { positive, count, oneOf } = fieldReader({ ...fields, rope_theta: theta }, where)
  const base = positive('rope_theta', 10_000)
  const name = fields.rope_type === undefined ? 'type' : 'rope_type'
  const scaled = config.rope_scaling !== null && config.rope_scaling !== undefined
  const kind = oneOf(name, ['default', 'linear', 'llama3'], scaled ? 'missing' : 'default')
  if (kind === 'default') return { base, scaling: { kind: 'none' } }
  const factor = positive('factor', Number.NaN)
  if (kind === 'linear') return { base, scaling: { kind, factor } }
  return {
    base,
    scaling: {
      kind: 'llama3',
      factor,
      lowFrequencyFactor: positive('low_freq_factor', Number.NaN),
      highFrequencyFactor: positive('high_freq_factor', Number.NaN),
      originalLength: count('original_max_position_embeddings'),
    },
  }
}

/** GPT-NeoX's share of turned dimensions as transformers 5 writes it. */
export function rotaryShare({ rope_parameters: parameters }: RotaryFields): number | undefined {
  const { partial_rotary_factor: share } = record(parameters)
  return typeof share === 'number' ? share : undefined
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
