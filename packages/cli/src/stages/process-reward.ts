import { join } from 'node:path'
import { mean } from '@attune/feedback'
import { type NdArray, ndarray, type Parameters, randomKey, type Tensor, value } from '@attune/grad'
import { type Model, normalArray, saveModel } from '@attune/lm'
import { type JudgedSteps, processRewardModel, rewardHead, stepBatch, stepLogits } from '@attune/rlhf'
import type { ProcessRewardStage } from '../recipe/schema.ts'
import { dataPaths, type StageContext } from '../run/context.ts'
import { train } from '../run/train.ts'
import { loadTrainable } from './adapt.ts'
import { splitHeldOut } from './held-out.ts'
import { recipeOptimizer } from './optimiser.ts'
import { readSteps } from './steps.ts'

/** Trains a process reward model and measures how many held-out steps it tells right. */
export async function processRewardStageRun(
  stage: ProcessRewardStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const { seed, device } = context
  const base = await loadTrainable(stage, context, { task_type: 'TOKEN_CLS', modules_to_save: [rewardHead] })
  const source = await dataPaths(stage.data, { ...context, field: `${stage.name}.data` })
  const solutions = await readSteps(source, { ...stage, model: base, seed })
  const { training, heldOut } = splitHeldOut(solutions, { share: stage.held_out, seed })
  const model = withStepHead(base, seed)
  const optimizer = recipeOptimizer(stage, stage.steps)
  const metrics = await train(context, {
    state: { models: { model: { model, optimizer } }, numbers: () => ({}), restoreNumbers: () => {} },
    steps: stage.steps,
    saveSteps: stage.save_steps,
    watch: ['accuracy', 'loss'],
    start: (start) =>
      processRewardModel({ ...model, optimizer }, training, {
        batchSize: stage.batch_size,
        microBatchSize: stage.micro_batch_size ?? stage.batch_size,
        steps: stage.steps,
        seed,
        device,
        start,
      }),
  })
  await saveModel(join(context.folder, 'model'), model)
  const accuracy = await stepAccuracy(heldOut, { model, stage, context })
  return { loss: metrics.loss, ...(accuracy === undefined ? {} : { stepAccuracy: accuracy }) }
}

/** The language model with a new head of two classes, N(0, 1/(d + 1)), as Hugging Face's token classifiers name it. */
function withStepHead(base: Model, seed: number): Model {
  const { width } = base.architecture
  const random = randomKey(seed, 'step head')
  const weight = normalArray([2, width], { deviation: 1 / Math.sqrt(width + 1), random })
  const bias = ndarray(new Float32Array(2), [2])
  const parameters = { ...base.parameters, [`${rewardHead}.weight`]: weight, [`${rewardHead}.bias`]: bias }
  return { ...base, parameters }
}

/** Share of held-out steps that are told right; undefined without any. */
async function stepAccuracy(
  rows: readonly JudgedSteps[],
  { model, stage, context }: { model: Model; stage: ProcessRewardStage; context: StageContext },
): Promise<number | undefined> {
  if (rows.length === 0) return undefined
  const program = value<[Parameters, { tokens: NdArray; ends: NdArray }], Tensor>(
    (weights, batch) => stepLogits(model.architecture, weights, batch),
    { device: context.device },
  )
  const told: number[] = []
  for (let first = 0; first < rows.length; first += stage.batch_size) {
    const { tokens, ends, right } = stepBatch(rows.slice(first, first + stage.batch_size))
    const { data } = await program(model.parameters, { tokens, ends })
    for (const [i, label] of [...right.data].entries())
      told.push(Number(data[2 * i + 1]! > data[2 * i]! === (label === 1)))
  }
  await program.dispose()
  return mean(told)
}
