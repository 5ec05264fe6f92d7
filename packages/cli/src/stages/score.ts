import { join } from 'node:path'
import { bootstrapMean, distinctN, mean } from '@attune/feedback'
import { randomKey } from '@attune/grad'
import { loadModel, writeFileAtomic } from '@attune/lm'
import { sampler } from '@attune/rlhf'
import type { ScoreStage } from '../recipe/schema.ts'
import { readAsked } from '../rewards/asked.ts'
import { recipeReward } from '../rewards/rewards.ts'
import { Interrupted, type StageContext, sourcePath } from '../run/context.ts'
import { progress } from '../view/progress.ts'
import { endOfText } from './rows.ts'

/** How many scored completions are kept for people to read. */
const keptSamples = 48

/** Samples completions of prompts and scores them: the mean with its 95 % interval, lengths and diversity. */
export async function scoreStageRun(
  stage: ScoreStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const path = await sourcePath(stage.model, { ...context, kind: 'model', field: `${stage.name}.model` })
  const policy = await loadModel(path)
  const asked = (await readAsked(stage.prompts, policy, stage.max_new_tokens)).slice(0, stage.items)
  const judge = await recipeReward(stage.rewards, { policy, asked, context })
  const actor = sampler(policy, { device: context.device })
  const view = progress(context.name, { steps: Math.ceil(asked.length / stage.batch_size), watch: [] })
  const rows: { prompt: string; completion: string; score: number; tokens: number }[] = []
  for (let first = 0; first < asked.length; first += stage.batch_size) {
    const prompts = asked.slice(first, first + stage.batch_size).map(({ ids }) => ids)
    const completions = await actor.sample(prompts, {
      maxNewTokens: stage.max_new_tokens,
      temperature: stage.temperature,
      endOfText: endOfText(policy),
      seed: randomKey(context.seed, 'score', first).int(2 ** 31),
    })
    const sequences = completions.map(({ tokens }, i) => ({ prompt: prompts[i]!, completion: tokens }))
    const scores = await judge.reward(sequences)
    for (const [i, { prompt, completion }] of sequences.entries()) {
      rows.push({
        prompt: policy.tokenizer.decode(prompt),
        completion: policy.tokenizer.decode(completion),
        score: scores[i]!,
        tokens: completion.length,
      })
    }
    view.update(Math.ceil((first + 1) / stage.batch_size), {})
    if (context.signal.aborted)
      throw new Interrupted('stopped while scoring; the stage starts again with the next run')
  }
  await actor.dispose()
  await judge.dispose()
  const score = bootstrapMean(
    rows.map((row) => row.score),
    { seed: context.seed },
  )
  await writeFileAtomic(join(context.folder, 'scores.json'), [
    JSON.stringify({ score, samples: rows.slice(0, keptSamples) }, null, 2),
  ])
  view.done(`score ${score.value.toFixed(3)} (${score.low.toFixed(3)} – ${score.high.toFixed(3)})`)
  const texts = rows.map(({ completion }) => completion)
  return {
    [`score-${stage.name}`]: score,
    items: rows.length,
    meanLength: mean(rows.map(({ tokens }) => tokens)),
    distinct2: distinctN(texts, 2),
  }
}
