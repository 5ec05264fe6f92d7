import { join } from 'node:path'
import { mean } from '@attune/feedback'
import { randomKey } from '@attune/grad'
import { type Model, rankingPairs, saveModel } from '@attune/lm'
import {
  directPreference,
  noReference,
  type PreferencePair,
  remembered,
  type SequenceScores,
  sequenceLogProbs,
} from '@attune/rlhf'
import { needsReference, pairLossOf } from '../recipe/pair-loss.ts'
import type { DpoStage } from '../recipe/schema.ts'
import { dataPaths, type StageContext } from '../run/context.ts'
import { train } from '../run/train.ts'
import { loadReference, loadTrainable } from './adapt.ts'
import { readJudgments } from './comparisons.ts'
import { recipeOptimizer } from './optimiser.ts'

/** DPO and its kin on comparisons, with the share of held-out pairs that the implicit reward orders right. */
export async function dpoStageRun(stage: DpoStage, context: StageContext): Promise<Record<string, unknown>> {
  const { device, seed } = context
  const policy = await loadTrainable(stage, context)
  const frozen = sequenceLogProbs(await loadReference(stage, { policy, context }), {
    device,
    batchSize: 2 * (stage.micro_batch_size ?? stage.batch_size),
  })
  const reference = remembered(frozen)
  const { training, heldOut } = await readPairs(stage, { policy, context })
  const optimizer = recipeOptimizer(stage, stage.steps)
  const metrics = await train(context, {
    state: { models: { model: { model: policy, optimizer } }, numbers: () => ({}), restoreNumbers: () => {} },
    steps: stage.steps,
    saveSteps: stage.save_steps,
    watch: ['rewards/accuracies', 'loss', 'rewards/margins'],
    start: (start) =>
      directPreference({ ...policy, optimizer }, training, {
        loss: pairLossOf(stage.loss, stage.completion_weight),
        beta: stage.loss.beta,
        reference: needsReference(stage.loss) ? reference : noReference,
        batchSize: stage.batch_size,
        microBatchSize: stage.micro_batch_size ?? stage.batch_size,
        steps: stage.steps,
        seed,
        device,
        start,
      }),
  })
  await saveModel(join(context.folder, 'model'), policy)
  const scores = sequenceLogProbs(policy, { device, batchSize: stage.micro_batch_size ?? stage.batch_size })
  const accuracy = await implicitAccuracy(heldOut, { scores, reference })
  await scores.dispose()
  await frozen.dispose()
  return { loss: metrics.loss, ...(accuracy === undefined ? {} : { preferenceAccuracy: accuracy }) }
}

/** All pairs of every judgment; held-out judgments share no prompt row with training. */
async function readPairs(
  stage: DpoStage,
  { policy, context }: { policy: Model; context: StageContext },
): Promise<{ training: PreferencePair[]; heldOut: PreferencePair[] }> {
  const source = await dataPaths(stage.comparisons, { ...context, field: `${stage.name}.comparisons` })
  const judgments = await readJudgments(source, { ...stage, model: policy, seed: context.seed })
  const held = Math.round(judgments.length * stage.held_out)
  const order = [...randomKey(context.seed, 'held-out').permutation(judgments.length)]
  const pairsOf = (indices: readonly number[]) =>
    indices.flatMap((index) => {
      const { prompt, completions } = judgments[index]!
      return rankingPairs(completions).map((pair) => ({ prompt, ...pair }))
    })
  return { training: pairsOf(order.slice(held)), heldOut: pairsOf(order.slice(0, held)) }
}

/** Share of pairs whose chosen completion has the higher log π/π_ref; undefined without pairs. */
async function implicitAccuracy(
  pairs: readonly PreferencePair[],
  { scores, reference }: { scores: SequenceScores; reference: SequenceScores },
): Promise<number | undefined> {
  if (pairs.length === 0) return undefined
  const ratios = async (side: 'chosen' | 'rejected') => {
    const sequences = pairs.map(({ prompt, [side]: completion }) => ({ prompt, completion }))
    const [ours, theirs] = [await scores(sequences), await reference(sequences)]
    return ours.map((logp, i) => logp - theirs[i]!)
  }
  const [chosen, rejected] = [await ratios('chosen'), await ratios('rejected')]
  return mean(chosen.map((ratio, i) => (ratio > rejected[i]! ? 1 : ratio === rejected[i]! ? 0.5 : 0)))
}
