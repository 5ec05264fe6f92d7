import { z } from 'zod'
import { adapted, count, dataSource, lengths, packing, positive, probability, training } from './fields.ts'
import { needsReference, pairLossSchema, wholeBatchLosses } from './pair-loss.ts'
import { source } from './source.ts'
import { unpairedLossSchema } from './unpaired-loss.ts'

/** A frozen policy that direct methods compare with. */
const referenced = {
  /** Default: the policy as it starts. */
  reference: source.optional(),
  /** Asks the reference for everything before the first step and keeps the answers in the stage's folder. */
  precompute_ref_log_probs: z.boolean().default(false),
}

/** DPO and the direct losses of its kind. */
export const dpoStage = z
  .strictObject({
    stage: z.literal('dpo'),
    ...training,
    ...adapted,
    ...lengths,
    ...packing,
    ...referenced,
    model: source,
    comparisons: dataSource,
    /** Share of prompts kept for the held-out accuracy of the implicit reward. */
    held_out: probability.default(0.1),
    /** Completes prompts of held-out pairs before and after, for the report and the KL. */
    held_out_samples: z
      .strictObject({ prompts: count.default(16), max_new_tokens: count, temperature: positive.default(1) })
      .optional(),
    loss: pairLossSchema.default({ kind: 'sigmoid', beta: 0.1, divergence: { kind: 'reverse_kl' } }),
    /** Weight of the chosen completion's cross-entropy, which joins the loss (RPO); default 1 for CPO and ORPO, of which it is a part, else 0. */
    completion_weight: z.number().min(0).optional(),
    /** WPO: pairs count by how likely the policy is to write so itself. */
    use_weighting: z.boolean().default(false),
    /** LD-DPO: what tokens behind the shared length count. */
    ld_alpha: probability.optional(),
    /** TR-DPO: every so many steps the reference moves by α towards the policy. */
    sync_ref_model: z.strictObject({ alpha: probability.default(0.6), steps: count.default(512) }).optional(),
  })
  .refine(
    ({ loss, batch_size, micro_batch_size: micro = batch_size }) =>
      micro >= batch_size || !wholeBatchLosses.includes(loss.kind),
    {
      path: ['micro_batch_size'],
      message: 'AOT sorts over the whole batch, which may not be cut; leave it out',
    },
  )
  .refine(
    ({ loss, use_weighting, packed_length: packed }) =>
      !packed || !(use_weighting || wholeBatchLosses.includes(loss.kind)),
    { path: ['packed_length'], message: 'AOT and WPO look at a whole batch of padded pairs; leave it out' },
  )
  .refine(({ sync_ref_model: sync, precompute_ref_log_probs: before }) => !(sync && before), {
    path: ['precompute_ref_log_probs'],
    message: 'a reference that moves (sync_ref_model) cannot be asked beforehand; choose one',
  })
  .refine(({ loss, sync_ref_model: sync }) => !sync || needsReference(loss), {
    path: ['sync_ref_model'],
    message: 'this loss compares with no reference; leave it out',
  })
  .refine(({ loss, precompute_ref_log_probs: before }) => !before || needsReference(loss), {
    path: ['precompute_ref_log_probs'],
    message: 'this loss compares with no reference; leave it out',
  })
  .refine(({ sync_ref_model: sync, lora }) => !(sync && lora), {
    path: ['sync_ref_model'],
    message: 'the reference of a LoRA policy is its base, which does not move; leave one of them out',
  })

/** KTO and its kin: completions that somebody liked or did not, without pairs. */
export const ktoStage = z
  .strictObject({
    stage: z.literal('kto'),
    ...training,
    ...adapted,
    ...lengths,
    ...referenced,
    model: source,
    data: dataSource,
    /** Share of rows kept for the held-out accuracy of the implicit reward. */
    held_out: probability.default(0.1),
    loss: unpairedLossSchema.default({ kind: 'kto', beta: 0.1 }),
    /** λ_D and λ_U. */
    desirable_weight: positive.default(1),
    undesirable_weight: positive.default(1),
  })
  .refine(({ loss, batch_size }) => loss.kind !== 'kto' || batch_size >= 2, {
    path: ['batch_size'],
    message: "KTO's KL estimate mixes the completions of a batch; expected 2 or more",
  })
  .refine(({ loss, precompute_ref_log_probs: before }) => !(before && loss.kind === 'kto'), {
    path: ['precompute_ref_log_probs'],
    message:
      "KTO's KL estimate pairs other completions in every epoch, which cannot be asked beforehand; leave it out",
  })
