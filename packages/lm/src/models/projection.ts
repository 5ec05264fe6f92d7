import type { Tensor } from '@attune/grad'

/** Names of a layer's low-rank factors: A [r, in] and B [out, r], as PEFT calls them. */
export function loraNames(layer: string): { readonly a: string; readonly b: string } {
  return { a: `${layer}.lora_A.weight`, b: `${layer}.lora_B.weight` }
}

/** x·W (+ b), and + (x·Aᵀ)·Bᵀ where the parameters hold a low-rank adapter of this layer (Hu et al. 2021). */
export function project(
  x: Tensor,
  parameters: Readonly<Record<string, Tensor>>,
  { layer, transposeB = false }: { readonly layer: string; readonly transposeB?: boolean },
): Tensor {
  const whole = x.linear(parameters[`${layer}.weight`]!, { bias: parameters[`${layer}.bias`], transposeB })
  const { a, b } = loraNames(layer)
  const [down, up] = [parameters[a], parameters[b]]
  if (!down || !up) return whole
  return whole.add(x.linear(down, { transposeB: true }).linear(up, { transposeB: true }))
}
