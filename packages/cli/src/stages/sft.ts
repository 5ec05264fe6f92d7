import { join } from 'node:path'
import { saveModel } from '@attune/lm'
import { sft } from '@attune/rlhf'
import type { SftStage } from '../recipe/schema.ts'
import { dataPaths, type StageContext } from '../run/context.ts'
import { train } from '../run/train.ts'
import { loadTrainable } from './adapt.ts'
import { recipeOptimizer } from './optimiser.ts'
import { readSequences } from './rows.ts'

/** Supervised fine-tuning on completions, texts or the assistant's turns of conversations. */
export async function sftStageRun(stage: SftStage, context: StageContext): Promise<Record<string, unknown>> {
  const model = await loadTrainable(stage, context)
  const source = await dataPaths(stage.data, { ...context, field: `${stage.name}.data` })
  const data = await readSequences(source, {
    ...stage,
    max_length: shorter(stage.packed_length, stage.max_length),
    model,
    seed: context.seed,
  })
  const optimizer = recipeOptimizer(stage, stage.steps)
  const metrics = await train(context, {
    state: { models: { model: { model, optimizer } }, numbers: () => ({}), restoreNumbers: () => {} },
    steps: stage.steps,
    saveSteps: stage.save_steps,
    watch: ['loss', 'learning_rate'],
    start: (start) =>
      sft({ ...model, optimizer }, data, {
        batchSize: stage.batch_size,
        microBatchSize: stage.micro_batch_size ?? stage.batch_size,
        ...(stage.packed_length ? { packedLength: stage.packed_length } : {}),
        steps: stage.steps,
        seed: context.seed,
        device: context.device,
        start,
      }),
  })
  await saveModel(join(context.folder, 'model'), model)
  return { loss: metrics.loss, rows: data.length }
}

function shorter(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
}
