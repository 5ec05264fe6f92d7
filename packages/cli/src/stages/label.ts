import { join } from 'node:path'
import { simulatedAnnotator, simulateRanking } from '@attune/feedback'
import { randomKey } from '@attune/grad'
import { generator, loadModel } from '@attune/lm'
import { UserError } from '../errors.ts'
import { goldScores } from '../gold/gold.ts'
import type { LabelStage } from '../recipe/schema.ts'
import { Interrupted, type StageContext, sourcePath } from '../run/context.ts'
import { writeRows } from '../run/jsonl.ts'
import { progress } from '../view/progress.ts'
import { endOfText, readPrompts } from './rows.ts'

/** Samples completions of prompts and lets simulated annotators rank them; writes comparisons.jsonl. */
export async function labelStageRun(
  stage: LabelStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const model = await loadModel(
    await sourcePath(stage.model, { ...context, kind: 'model', field: `${stage.name}.model` }),
  )
  const prompts = await readPrompts(stage.prompts, model, stage.max_new_tokens)
  if (prompts.length < stage.items) {
    throw new UserError(
      `${stage.name}.items is ${stage.items}, but ${stage.prompts} has ${prompts.length} prompts`,
    )
  }
  const promptOf = (item: number) => prompts[(stage.start + item) % prompts.length]!
  const annotators = stage.annotators.map(({ id, temperature, lapse_rate: lapseRate }) =>
    simulatedAnnotator(id, { temperature, lapseRate }),
  )
  const gold = goldScores[stage.gold]
  const eos = endOfText(model)
  const sampler = generator(model.architecture, model.parameters, { device: context.device })
  const view = progress(context.name, { steps: stage.items, watch: [] })
  const rows: object[] = []
  const perBatch = Math.max(1, Math.floor(stage.batch_size / stage.completions))
  for (let first = 0; first < stage.items; first += perBatch) {
    const items = Array.from({ length: Math.min(perBatch, stage.items - first) }, (_, i) => first + i)
    const repeated = items.flatMap((item) => Array.from({ length: stage.completions }, () => promptOf(item)))
    const seed = randomKey(context.seed, 'label', first).int(2 ** 31)
    const sampled = await sampler.generate(repeated, {
      maxNewTokens: stage.max_new_tokens,
      temperature: stage.temperature,
      endOfText: eos,
      seed,
    })
    for (const [i, item] of items.entries()) {
      const ids = sampled
        .slice(i * stage.completions, (i + 1) * stage.completions)
        .map(({ tokens }) => tokens)
      const completions = ids.map((tokens) => model.tokenizer.decode(tokens))
      const scores = completions.map(gold)
      const annotator = annotators[item % annotators.length]!
      const order = simulateRanking(annotator, scores, { seed: context.seed, item: String(item) })
      rows.push({
        kind: stage.completions === 2 ? 'comparison' : 'ranking',
        item: `${stage.name}-${item}`,
        annotator,
        time: new Date().toISOString(),
        protocol: `simulated/${stage.gold}`,
        prompt: model.tokenizer.decode(promptOf(item)),
        ...(stage.completions === 2
          ? { chosen: completions[order[0]!], rejected: completions[order[1]!] }
          : {}),
        completions: order.map((index) => completions[index]),
        gold: order.map((index) => scores[index]),
        prompt_ids: promptOf(item),
        completion_ids: order.map((index) => ids[index]),
      })
    }
    view.update(rows.length, {})
    if (context.signal.aborted)
      throw new Interrupted(`stopped while labelling; the stage starts again with the next run`)
  }
  await sampler.dispose()
  await writeRows(join(context.folder, 'comparisons.jsonl'), rows)
  view.done(
    `${rows.length} ${stage.completions === 2 ? 'comparisons' : 'rankings'} by ${annotators.length} simulated annotators`,
  )
  return { judgments: rows.length }
}
