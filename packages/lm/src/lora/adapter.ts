import { hold, ndarray, type Parameters, type Random, randomKey, type Tensor } from '@attune/grad'
import type { Model } from '../checkpoint/model.ts'
import type { Architecture } from '../models/architecture.ts'
import { loraNames } from '../models/projection.ts'
import { type LoraConfig, loraScale } from './config.ts'

/**
 * A low-rank adapter over a base that stays as it is (LoRA, Hu et al. 2021): the model's parameters are the factors A
 * (normal with deviation 1/√in; PEFT's are uniform with 1/√(3·in), or `gaussian` with 1/r) and B (zero), so that it starts
 * as the base, and heads that are added to them.
 */
export function withLora(base: Model, config: LoraConfig, { seed }: { readonly seed: number }): Model {
  const architecture = loraArchitecture(base, config)
  const random = (name: string): Random => randomKey(seed, 'lora', name)
  const parameters = Object.fromEntries(
    Object.entries(architecture.parameters).map(([name, { shape }]) => {
      const [rows, columns] = shape as [number, number]
      const data = new Float32Array(rows * columns)
      const numbers = random(name)
      if (name.endsWith('lora_A.weight'))
        for (let i = 0; i < data.length; i++) data[i] = numbers.normal() / Math.sqrt(columns)
      return [name, ndarray(data, shape)]
    }),
  )
  return { ...base, architecture, parameters, adapter: { config, base } }
}

/** The base's architecture as a function of the adapter's parameters alone; the base's are read from where they lie. */
export function loraArchitecture(
  { architecture: base, parameters: frozen, config: { model_type: family } }: Model,
  config: LoraConfig,
): Architecture {
  const layers = config.r === 0 ? [] : adaptedLayers(base, config.target_modules)
  const scale = loraScale(config)
  const whole = (parameters: Readonly<Record<string, Tensor>>) => {
    const scaled = layers.map(({ b }) => [b, parameters[b]!.mul(scale)])
    return { ...hold(frozen), ...parameters, ...Object.fromEntries(scaled) } as Record<string, Tensor>
  }
  const table = layers.flatMap(({ a, b, shape }) => {
    const [outer, inner] = family === 'gpt2' ? [shape[1]!, shape[0]!] : [shape[0]!, shape[1]!]
    return [
      [a, { shape: [config.r, inner], start: { deviation: 1 / Math.sqrt(inner) } }],
      [b, { shape: [outer, config.r], start: { fill: 0 } }],
    ]
  })
  return {
    ...base,
    parameters: Object.fromEntries(table),
    unembedding: (parameters) => base.unembedding({ ...hold(frozen), ...parameters }),
    trunk: (parameters, input) => base.trunk(whole(parameters), input),
    frozen,
  }
}

/** Projections of the blocks that an adapter is for. Throws when a name fits none. */
export function adaptedLayers(
  { parameters }: Architecture,
  targets: LoraConfig['target_modules'],
): { readonly layer: string; readonly a: string; readonly b: string; readonly shape: readonly number[] }[] {
  const projections = Object.entries(parameters).flatMap(([name, { shape }]) => {
    const [, layer] = /^(.*\.\d+\..*)\.weight$/.exec(name) ?? []
    return layer && shape.length === 2 ? [{ layer, shape, ...loraNames(layer) }] : []
  })
  if (targets === 'all-linear') return projections
  const fits = (layer: string, target: string) => layer === target || layer.endsWith(`.${target}`)
  const stranger = targets.find((target) => !projections.some(({ layer }) => fits(layer, target)))
  if (stranger !== undefined) {
    const known = [...new Set(projections.map(({ layer }) => layer.split('.').at(-1)))]
    throw new Error(
      `target_modules names '${stranger}', which no layer of the base is called; it has ${known.join(', ')}`,
    )
  }
  return projections.filter(({ layer }) => targets.some((target) => fits(layer, target)))
}

/** The base with W + s·B·A in place of W (the adapter is done with), and the heads that were trained beside it. */
export function mergeAdapter(model: Model): Model {
  const { adapter } = model
  if (!adapter) return model
  const { base, config } = adapter
  const layers = config.r === 0 ? [] : adaptedLayers(base.architecture, config.target_modules)
  const merged: Parameters = { ...base.parameters }
  for (const { layer, a, b } of layers) {
    const [down, up] = [model.parameters[a]!, model.parameters[b]!]
    const weight = base.parameters[`${layer}.weight`]!
    const data = weight.data.slice()
    const transposed = base.config.model_type === 'gpt2'
    addProduct(data, { down: down.data, up: up.data, rank: config.r, scale: loraScale(config), transposed })
    merged[`${layer}.weight`] = ndarray(data, weight.shape)
  }
  const factors = new Set(layers.flatMap(({ a, b }) => [a, b]))
  for (const [name, head] of Object.entries(model.parameters)) if (!factors.has(name)) merged[name] = head
  const { architecture, config: modelConfig, tokenizer } = base
  return { architecture, config: { ...modelConfig, ...model.config }, tokenizer, parameters: merged }
}

interface Factors {
  /** A [r, in]. */
  readonly down: Float32Array
  /** B [out, r]. */
  readonly up: Float32Array
  readonly rank: number
  readonly scale: number
  /** The weight is stored [in, out]. */
  readonly transposed: boolean
}

/** weight += s·B·A. */
function addProduct(weight: Float32Array, { down, up, rank, scale, transposed }: Factors): void {
  const [outer, inner] = [up.length / rank, down.length / rank]
  const row = new Float32Array(inner)
  for (let out = 0; out < outer; out++) {
    row.fill(0)
    for (let k = 0; k < rank; k++) {
      const factor = scale * up[out * rank + k]!
      for (let i = 0; i < inner; i++) row[i] = row[i]! + factor * down[k * inner + i]!
    }
    if (transposed) for (let i = 0; i < inner; i++) weight[i * outer + out]! += row[i]!
    else for (let i = 0; i < inner; i++) weight[out * inner + i]! += row[i]!
  }
}
