import { join } from 'node:path'
import { newModel, parseConfig, saveModel, tokenizer, trainBpe } from '@attune/lm'
import { pretrain } from '@attune/rlhf'
import type { PretrainStage } from '../recipe/schema.ts'
import type { StageContext } from '../run/context.ts'
import { readTextFile } from '../run/jsonl.ts'
import { train } from '../run/train.ts'
import { recipeOptimizer } from './optimiser.ts'

const specialTokens = ['<|endoftext|>', '<|pad|>']

/** Trains a tokenizer and a model on plain text. */
export async function pretrainStageRun(
  stage: PretrainStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const text = await readTextFile(stage.text)
  const documents = text
    .split('<|endoftext|>')
    .map((document) => document.trim())
    .filter(Boolean)
  const words = tokenizer(trainBpe(documents, { vocabularySize: stage.vocabulary_size, specialTokens }), {
    bos_token: specialTokens[0],
    add_bos_token: true,
    eos_token: specialTokens[0],
    pad_token: specialTokens[1],
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: stage.sequence_length,
  })
  const tokens = Int32Array.from(
    documents.flatMap((document) => [words.endOfText!, ...words.encode(document)]),
  )
  const config = parseConfig({ ...stage.config, vocab_size: stage.vocabulary_size }, 'config')
  const model = newModel(config, { tokenizer: words, seed: context.seed })
  const optimizer = recipeOptimizer(stage, stage.steps)
  const metrics = await train(context, {
    state: { models: { model: { model, optimizer } }, numbers: () => ({}), restoreNumbers: () => {} },
    steps: stage.steps,
    saveSteps: stage.save_steps,
    watch: ['loss', 'learning_rate'],
    start: (start) =>
      pretrain({ ...model, optimizer }, tokens, {
        batchSize: stage.batch_size,
        sequenceLength: stage.sequence_length,
        steps: stage.steps,
        seed: context.seed,
        device: context.device,
        start,
      }),
  })
  await saveModel(join(context.folder, 'model'), model, { dtype: stage.dtype })
  return { loss: metrics.loss, tokens: tokens.length }
}
