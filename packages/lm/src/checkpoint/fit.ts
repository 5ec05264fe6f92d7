import type { Parameters } from '@attune/grad'
import type { Architecture } from '../models/architecture.ts'

/** Scalar heads of reward models and critics, which a checkpoint may hold beyond its language model. */
const scalarHead = /^(score|value_head)\.(weight|bias)$/

/** Whether a name is of a buffer that old checkpoints hold, of any type, and which is computed here. */
export function isBuffer(name: string): boolean {
  return /\.(attn|attention)\.(masked_)?bias$|rotary_emb\.inv_freq$/.test(name)
}

/** Names that other versions of transformers give. */
const otherNames: Readonly<Record<string, string>> = { 'lm_head.weight': 'embed_out.weight' }

/** Checks names and shapes against the architecture; a scalar head is kept. */
export function fitParameters(
  tensors: Parameters,
  { parameters: expected, outputEmbedding, width }: Architecture,
  where: string,
): Parameters {
  const fitted: Parameters = {}
  for (const [stored, tensor] of Object.entries(tensors)) {
    const name =
      [stored, `transformer.${stored}`, otherNames[stored] ?? stored].find((name) =>
        Object.hasOwn(expected, name),
      ) ?? stored
    if (isBuffer(name)) continue
    if (/^(lm_head|embed_out)\.weight$/.test(name) && outputEmbedding !== name) continue // tied: the embedding again
    const shape = Object.hasOwn(expected, name)
      ? expected[name]!.shape
      : scalarHead.test(name)
        ? name.endsWith('weight')
          ? [1, width]
          : [1]
        : undefined
    if (!shape)
      throw new Error(`${where}: parameter '${name}' [${tensor.shape}] is not one that config.json describes`)
    if (fitted[name])
      throw new Error(`${where}: parameter '${name}' is there with and without 'transformer.'`)
    if (tensor.shape.join() !== shape.join())
      throw new Error(
        `${where}: parameter '${name}' is [${tensor.shape}], but config.json makes it [${shape}]`,
      )
    fitted[name] = tensor
  }
  const missing = Object.keys(expected).find((name) => !fitted[name])
  if (missing) {
    const { shape } = expected[missing]!
    throw new Error(`${where}: parameter '${missing}' [${shape}] is missing from the checkpoint`)
  }
  return fitted
}
