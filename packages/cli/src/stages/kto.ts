import { join } from 'node:path'
import type { Device } from '@attune/grad'
import { type Model, saveModel } from '@attune/lm'
import { densityRatios, type JudgedCompletion, sequenceLogProbs, unpairedPreference } from '@attune/rlhf'
import type { KtoStage } from '../recipe/schema.ts'
import { unpairedLossOf } from '../recipe/unpaired-loss.ts'
import { dataPaths, type StageContext } from '../run/context.ts'
import { train } from '../run/train.ts'
import { note } from '../view/note.ts'
import { loadTrainable } from './adapt.ts'
import { splitHeldOut } from './held-out.ts'
import { implicitAccuracy, logRatios } from './implicit-reward.ts'
import { recipeOptimizer } from './optimiser.ts'
import { stageReference } from './reference.ts'
import { readThumbs } from './thumbs.ts'

/** KTO and its kin on thumbs up and down, with the share of held-out (liked, disliked) that the implicit reward orders right. */
export async function ktoStageRun(stage: KtoStage, context: StageContext): Promise<Record<string, unknown>> {
  const { device, seed } = context
  const microBatchSize = stage.micro_batch_size ?? stage.batch_size
  const policy = await loadTrainable(stage, context)
  const source = await dataPaths(stage.data, { ...context, field: `${stage.name}.data` })
  const judged = await readThumbs(source, { ...stage, model: policy, seed })
  const { training: learnt, heldOut } = splitHeldOut(judged, { share: stage.held_out, seed })
  const training = await weighed(learnt, stage, { policy, device })
  adviseWeights(training, stage)
  const reference = await stageReference(stage, { policy, context, sequences: judged })
  const optimizer = recipeOptimizer(stage, stage.steps)
  const { loss, point } = unpairedLossOf(stage.loss)
  const metrics = await train(context, {
    state: {
      models: { model: { model: policy, optimizer } },
      numbers: point.state,
      restoreNumbers: point.restore,
    },
    steps: stage.steps,
    saveSteps: stage.save_steps,
    watch: ['rewards/margins', 'loss', 'kl'],
    start: (start) =>
      unpairedPreference({ ...policy, optimizer }, training, {
        loss,
        point,
        beta: stage.loss.beta,
        desirableWeight: stage.desirable_weight,
        undesirableWeight: stage.undesirable_weight,
        maxLength: stage.max_length,
        reference: reference.scores,
        batchSize: stage.batch_size,
        microBatchSize,
        steps: stage.steps,
        seed,
        device,
        start,
      }),
  })
  await saveModel(join(context.folder, 'model'), policy)
  const policyScores = sequenceLogProbs(policy, { device, batchSize: microBatchSize })
  const ratios = await logRatios(heldOut, { policy: policyScores, reference: reference.scores })
  const of = (kind: boolean) => ratios.filter((_, i) => heldOut[i]!.desirable === kind)
  const accuracy = implicitAccuracy(
    of(true).flatMap((liked) => of(false).map((disliked) => [liked, disliked] as const)),
  )
  await policyScores.dispose()
  await reference.dispose()
  return { loss: metrics.loss, ...(accuracy === undefined ? {} : { preferenceAccuracy: accuracy }) }
}

/** The rows with BCO's density ratios, where the recipe asks for them; the policy is still where it starts. */
async function weighed(
  rows: readonly JudgedCompletion[],
  { name, loss }: KtoStage,
  { policy, device }: { policy: Model; device: Device },
): Promise<readonly JudgedCompletion[]> {
  if (loss.kind !== 'bco' || !loss.density_ratio) return rows
  const { min: least, max: most, rows: sample } = loss.density_ratio
  const ratios = await densityRatios(rows, policy, { least, most, rows: sample, device })
  const disliked = ratios.filter((_, row) => !rows[row]!.desirable).sort((a, b) => a - b)
  const at = (share: number) => disliked[Math.round(share * (disliked.length - 1))]!.toFixed(2)
  note(`${name}: disliked rows weigh ${at(0)} to ${at(1)}, half of them less than ${at(0.5)}`)
  return rows.map((row, i) => ({ ...row, weight: ratios[i]! }))
}

/** Says when the two kinds weigh very differently: KTO's authors keep λ_D·n_D/(λ_U·n_U) between 1 and 4/3. */
function adviseWeights(training: readonly JudgedCompletion[], stage: KtoStage): void {
  const liked = training.filter(({ desirable }) => desirable).length
  const disliked = training.length - liked
  const ratio = (stage.desirable_weight * liked) / (stage.undesirable_weight * disliked)
  if (stage.loss.kind !== 'kto' || (ratio >= 1 && ratio <= 4 / 3)) return
  const advised = (stage.undesirable_weight * disliked) / liked
  note(
    `${stage.name}: ${liked} liked and ${disliked} disliked rows weigh ${ratio.toFixed(2)} to 1; KTO's authors advise 1 to 1.33, here a desirable_weight of ${advised.toFixed(2)} to ${(advised * (4 / 3)).toFixed(2)}`,
  )
}
