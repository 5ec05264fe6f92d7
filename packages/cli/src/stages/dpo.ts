import { join } from 'node:path'
import { type Model, rankingPairs, saveModel, writeFileAtomic } from '@attune/lm'
import {
  directPreference,
  lengthDesensitised,
  noReference,
  onPolicyWeight,
  type PreferencePair,
  type SequencePair,
  sequenceLogProbs,
  withMovingReference,
} from '@attune/rlhf'
import { needsReference, pairLossOf } from '../recipe/pair-loss.ts'
import type { DpoStage } from '../recipe/schema.ts'
import { dataPaths, type StageContext } from '../run/context.ts'
import { train } from '../run/train.ts'
import { loadReference, loadTrainable } from './adapt.ts'
import { type JudgedPrompt, readJudgments } from './comparisons.ts'
import { splitHeldOut } from './held-out.ts'
import { heldOutPairs, heldOutSamples } from './held-out-pairs.ts'
import { recipeOptimizer } from './optimiser.ts'
import { type StageReference, stageReference } from './reference.ts'

/** DPO and its kin on comparisons, with the share of held-out pairs that the implicit reward orders right. */
export async function dpoStageRun(stage: DpoStage, context: StageContext): Promise<Record<string, unknown>> {
  const { device, seed } = context
  const { sync_ref_model: sync, ld_alpha: alpha } = stage
  const microBatchSize = stage.micro_batch_size ?? stage.batch_size
  const policy = await loadTrainable(stage, context)
  const { training, heldOut } = await readPairs(stage, { policy, context })
  const tokenWeights = alpha === undefined ? (pair: SequencePair) => pair : lengthDesensitised(alpha)
  const reference = await stageReference(stage, {
    policy,
    context,
    sequences: [
      ...training.flatMap((pair) => [...tokenWeights(sequencesOf(pair))]),
      ...heldOut.flatMap(sequencesOf),
    ],
    moves: sync !== undefined,
  })
  const optimizer = recipeOptimizer(stage, stage.steps)
  const metrics = await train(context, {
    state: {
      models: {
        model: { model: policy, optimizer },
        ...(sync ? { reference: { model: reference.model! } } : {}),
      },
      numbers: () => ({}),
      restoreNumbers: () => {},
    },
    steps: stage.steps,
    saveSteps: stage.save_steps,
    watch: ['rewards/accuracies', 'loss', 'rewards/margins'],
    start: (start) => {
      const records = directPreference({ ...policy, optimizer }, training, {
        loss: pairLossOf(stage.loss, stage.completion_weight),
        beta: stage.loss.beta,
        reference: needsReference(stage.loss) ? reference.scores : noReference,
        ...(stage.use_weighting ? { completionWeight: onPolicyWeight } : {}),
        tokenWeights,
        batchSize: stage.batch_size,
        microBatchSize,
        packedLength: stage.packed_length,
        steps: stage.steps,
        seed,
        device,
        start,
      })
      if (!sync) return records
      return withMovingReference(records, {
        reference: reference.model!.parameters,
        policy: policy.parameters,
        alpha: sync.alpha,
        every: sync.steps,
      })
    },
  })
  await saveModel(join(context.folder, 'model'), policy)
  const report =
    heldOut.length > 0 ? await heldOutReport(stage, { heldOut, policy, reference, context }) : undefined
  await reference.dispose()
  if (!report) return { loss: metrics.loss }
  const { pairs, sampled } = report
  await writeFileAtomic(join(context.folder, 'held-out.json'), [
    JSON.stringify({ ...pairs, ...sampled }, null, 2),
  ])
  return { loss: metrics.loss, ...pairs, ...(sampled ? { kl: sampled.kl } : {}) }
}

/** The policy beside the reference on held-out pairs; beside its start, if the reference has moved. */
async function heldOutReport(
  stage: DpoStage,
  {
    heldOut,
    policy,
    reference,
    context,
  }: { heldOut: PreferencePair[]; policy: Model; reference: StageReference; context: StageContext },
) {
  const { device, seed } = context
  const { sync_ref_model: moved, held_out_samples: sampling } = stage
  const kept = moved ? undefined : reference.model
  const start = kept ?? (moved || sampling ? await loadReference(stage, { policy, context }) : undefined)
  const scored = (model: Model) =>
    sequenceLogProbs(model, {
      device,
      batchSize: stage.micro_batch_size ?? stage.batch_size,
      packedLength: stage.packed_length,
    })
  const [policyScores, startScores] = [scored(policy), moved ? scored(start!) : undefined]
  const pairs = await heldOutPairs(heldOut, {
    policy: policyScores,
    reference: startScores ?? reference.scores,
    beta: stage.loss.beta,
  })
  await policyScores.dispose()
  await startScores?.dispose()
  const sampled =
    sampling && (await heldOutSamples(heldOut, { policy, reference: start!, sampling, seed, device }))
  return { pairs, sampled }
}

/** All pairs of every judgment. */
async function readPairs(
  stage: DpoStage,
  { policy, context }: { policy: Model; context: StageContext },
): Promise<{ training: PreferencePair[]; heldOut: PreferencePair[] }> {
  const source = await dataPaths(stage.comparisons, { ...context, field: `${stage.name}.comparisons` })
  const judgments = await readJudgments(source, { ...stage, model: policy, seed: context.seed })
  const { training, heldOut } = splitHeldOut(judgments, { share: stage.held_out, seed: context.seed })
  const pairsOf = (rows: readonly JudgedPrompt[]) =>
    rows.flatMap(({ prompt, completions }) => rankingPairs(completions).map((pair) => ({ prompt, ...pair })))
  return { training: pairsOf(training), heldOut: pairsOf(heldOut) }
}

function sequencesOf({ prompt, chosen, rejected }: PreferencePair): SequencePair {
  return [
    { prompt, completion: chosen },
    { prompt, completion: rejected },
  ]
}
