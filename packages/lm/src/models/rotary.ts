import { constant, ndarray, type Tensor } from '@attune/grad'

/** Rotary positions as a configuration gives them (`rope_theta`, `rope_scaling` or `rope_parameters`). */
export interface RotarySettings {
  readonly base: number
  readonly scaling:
    | { readonly kind: 'none' }
    | { readonly kind: 'linear'; readonly factor: number }
    | {
        readonly kind: 'llama3'
        readonly factor: number
        readonly lowFrequencyFactor: number
        readonly highFrequencyFactor: number
        readonly originalLength: number
      }
}

/** Tables of `Tensor.rotary`: cos and sin of position·frequency, [M, D/2] each. */
export interface RotaryTables {
  readonly cos: Tensor
  readonly sin: Tensor
}

/** cos and sin of position·base^(−2i/D), the frequencies scaled for longer contexts (Su et al. 2021). */
export function rotaryTables(
  { base, scaling }: RotarySettings,
  { width, length }: { readonly width: number; readonly length: number },
): RotaryTables {
  const half = width / 2
  const frequencies = Float64Array.from({ length: half }, (_, i) =>
    scaledFrequency(base ** (-i / half), scaling),
  )
  const angles = Float64Array.from(
    { length: length * half },
    (_, i) => Math.floor(i / half) * frequencies[i % half]!,
  )
  const table = (f: (angle: number) => number) =>
    constant(ndarray(Float32Array.from(angles, f), [length, half]))
  return { cos: table(Math.cos), sin: table(Math.sin) }
}

/** Tables for rows of a length: ONNX Runtime wants no row longer than they are, whatever its positions. */
export function rotaryTablesFor(
  settings: RotarySettings,
  { width, length }: { readonly width: number; readonly length: number },
): (time: number) => RotaryTables {
  const usual = rotaryTables(settings, { width, length })
  return (time) => (time <= length ? usual : rotaryTables(settings, { width, length: time }))
}

/** Llama 3.1 divides the low frequencies by the factor, keeps the high ones and blends between. */
function scaledFrequency(frequency: number, scaling: RotarySettings['scaling']): number {
  if (scaling.kind === 'none') return frequency
  if (scaling.kind === 'linear') return frequency / scaling.factor
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalLength } = scaling
  const turns = (originalLength * frequency) / (2 * Math.PI)
  const share = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
  const kept = Math.min(1, Math.max(0, share))
  return kept * frequency + ((1 - kept) * frequency) / factor
}
