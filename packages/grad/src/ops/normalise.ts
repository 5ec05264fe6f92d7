import { apply, applyAll, type Value } from '../graph/node.ts'

/** Layer normalisation over the last axis (Ba et al. 2016): (x − mean)/deviation · scale + bias. */
export function layerNorm(x: Value, scale: Value, options: { bias: Value; epsilon: number }): Value {
  return applyAll('layerNorm', [x, scale, options.bias], { epsilon: options.epsilon })[0]!
}

/** Root-mean-square normalisation over the last axis (Zhang and Sennrich 2019): x/rms · scale. */
export function rmsNorm(x: Value, scale: Value, epsilon: number): Value {
  return applyAll('rmsNorm', [x, scale], { epsilon })[0]!
}

/** Rotary position embedding, half-split order (Su et al. 2021): x [B, H, T, D], positions [B, T], tables [M, D/2]. */
export function rotary(x: Value, positions: Value, tables: { cos: Value; sin: Value }): Value {
  return apply('rotary', [x, positions, tables.cos, tables.sin], {})
}
