import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Model, readJson, writeFileAtomic } from '@attune/lm'
import { remembered, type Sequence, type SequenceScores, sequenceLogProbs } from '@attune/rlhf'
import type { StageContext } from '../run/context.ts'
import { progress } from '../view/progress.ts'
import { loadReference } from './adapt.ts'

/** Sequences that are scored between two writes of the file. */
const perWrite = 512

interface ReferenceFields {
  readonly model: string
  readonly reference?: string | undefined
  readonly batch_size: number
  readonly micro_batch_size?: number | undefined
  readonly packed_length?: number | undefined
  readonly precompute_ref_log_probs: boolean
}

/** Scores of a reference, the model they come from where it is still needed, and what releases its programs. */
export interface StageReference {
  readonly scores: SequenceScores
  readonly model: Model | undefined
  readonly dispose: () => Promise<void>
}

/** The reference of a direct method: asked once for every sequence as it goes, or for all before the first step. */
export async function stageReference(
  stage: ReferenceFields,
  {
    policy,
    context,
    sequences,
    moves = false,
  }: {
    policy: Model
    context: StageContext
    /** Everything that will be asked for. */
    sequences: readonly Sequence[]
    /** The reference changes, so nothing may be remembered. */
    moves?: boolean
  },
): Promise<StageReference> {
  const model = await loadReference(stage, { policy, context })
  const frozen = sequenceLogProbs(model, {
    device: context.device,
    batchSize: (stage.packed_length ? 1 : 2) * (stage.micro_batch_size ?? stage.batch_size),
    packedLength: stage.packed_length,
  })
  if (moves) return { scores: frozen, model, dispose: frozen.dispose }
  if (!stage.precompute_ref_log_probs) return { scores: remembered(frozen), model, dispose: frozen.dispose }
  const scores = await precomputed(frozen, { sequences, context })
  await frozen.dispose()
  return { scores, model: undefined, dispose: async () => {} }
}

/** Scores of all sequences from `reference-logps.json` in the stage's folder, which is filled first where it is not complete. */
export async function precomputed(
  scores: SequenceScores,
  { sequences, context }: { sequences: readonly Sequence[]; context: Pick<StageContext, 'name' | 'folder'> },
): Promise<SequenceScores> {
  const path = join(context.folder, 'reference-logps.json')
  const stored = await readJson(path).catch(() => ({}))
  const known = new Map(Object.entries(stored as Record<string, number>))
  const fresh = new Map(sequences.map((sequence) => [keyOf(sequence), sequence]))
  for (const key of known.keys()) fresh.delete(key)
  const missing = [...fresh]
  const view = progress(`${context.name} reference`, { steps: missing.length, watch: [] })
  for (let first = 0; first < missing.length; first += perWrite) {
    const part = missing.slice(first, first + perWrite)
    const found = await scores(part.map(([, sequence]) => sequence))
    for (const [i, [key]] of part.entries()) known.set(key, found[i]!)
    await writeFileAtomic(path, [JSON.stringify(Object.fromEntries(known))])
    view.update(first + part.length, {})
  }
  view.done(`${known.size} sequences`)
  return async (asked) =>
    asked.map((sequence) => {
      const score = known.get(keyOf(sequence))
      if (score === undefined) throw new Error(`${path}: a sequence is missing; delete the file and resume`)
      return score
    })
}

/** A sequence's tokens and their weights as a short text. */
function keyOf({ prompt, completion, tokenWeights }: Sequence): string {
  const content = JSON.stringify([prompt, completion, tokenWeights])
  return createHash('sha256').update(content).digest('base64url').slice(0, 22)
}
