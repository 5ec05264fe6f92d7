import { type LoraConfig, loadModel, loraConfig, type Model, withLora } from '@attune/lm'
import type { LoraFields } from '../recipe/fields.ts'
import { type StageContext, sourcePath } from '../run/context.ts'

interface TrainedFields {
  readonly model: string
  readonly lora?: LoraFields | undefined
}

/** The model that a stage trains: the recipe's, or a low-rank adapter over it when the recipe asks for one. */
export async function loadTrainable(
  { model: source, lora }: TrainedFields,
  context: StageContext,
  config: Partial<LoraConfig> = {},
): Promise<Model> {
  const path = await sourcePath(source, { ...context, kind: 'model', field: `${context.name}.model` })
  const model = await loadModel(path)
  if (!lora) return model
  return withLora(model, loraConfig({ ...lora, ...config, base_model_name_or_path: path }), {
    seed: context.seed,
  })
}

/** The model that the recipe names, the base under an adapter, or a second copy of where the policy starts. */
export async function loadReference(
  { model, reference }: TrainedFields & { readonly reference?: string | undefined },
  { policy, context }: { policy: Model; context: StageContext },
): Promise<Model> {
  if (!reference && policy.adapter) return policy.adapter.base
  const field = `${context.name}.reference`
  return loadModel(await sourcePath(reference ?? model, { ...context, kind: 'model', field }))
}
