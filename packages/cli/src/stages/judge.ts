import { join } from 'node:path'
import { randomKey } from '@attune/grad'
import { dialogueText, loadModel, type Model, promptTokens, type TextOrChat } from '@attune/lm'
import { lmJudge, type Sequence, sampler } from '@attune/rlhf'
import { UserError } from '../errors.ts'
import type { JudgeStage } from '../recipe/schema.ts'
import { type AskedPrompt, readAsked } from '../rewards/asked.ts'
import { Interrupted, type StageContext, sourcePath } from '../run/context.ts'
import { writeRows } from '../run/jsonl.ts'
import { progress } from '../view/progress.ts'
import { endOfText } from './rows.ts'

/** Samples two completions of every prompt and lets a language model say which is better (RLAIF); writes comparisons.jsonl. */
export async function judgeStageRun(
  stage: JudgeStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const load = async (field: 'model' | 'judge') =>
    loadModel(await sourcePath(stage[field], { ...context, kind: 'model', field: `${stage.name}.${field}` }))
  const [policy, critic] = [await load('model'), await load('judge')]
  const prompts = await readAsked(stage.prompts, policy, stage.max_new_tokens)
  if (prompts.length < stage.items)
    throw new UserError(
      `${stage.name}.items is ${stage.items}, but ${stage.prompts} has ${prompts.length} prompts`,
    )
  const judge = lmJudge(critic, {
    ask: question(stage, { policy, critic, prompts }),
    verdicts: verdictTokens(stage, critic),
    device: context.device,
    batchSize: stage.batch_size,
  })
  const actor = sampler(policy, { device: context.device })
  const view = progress(context.name, { steps: stage.items, watch: [] })
  const rows: object[] = []
  const perBatch = Math.max(1, Math.floor(stage.batch_size / 2))
  for (let first = 0; first < stage.items; first += perBatch) {
    const items = Array.from({ length: Math.min(perBatch, stage.items - first) }, (_, i) => first + i)
    const asked = items.flatMap((item) => [promptOf(item).ids, promptOf(item).ids])
    const drawn = await actor.sample(asked, {
      maxNewTokens: stage.max_new_tokens,
      temperature: stage.temperature,
      endOfText: endOfText(policy),
      seed: randomKey(context.seed, stage.name, first).int(2 ** 31),
    })
    const sequences = drawn.map(({ tokens }, i): Sequence => ({ prompt: asked[i]!, completion: tokens }))
    const [a, b] = [sequences.filter((_, i) => i % 2 === 0), sequences.filter((_, i) => i % 2 === 1)]
    const probabilities = await judge(a, b)
    for (const [i, item] of items.entries()) {
      const probability = probabilities[i]!
      const ranked = probability >= 0.5 ? [a[i]!, b[i]!] : [b[i]!, a[i]!]
      const [chosen, rejected] = ranked.map(({ completion }) => policy.tokenizer.decode(completion))
      rows.push({
        kind: 'comparison',
        item: `${stage.name}-${item}`,
        annotator: { id: 'judge', source: 'ai', model: stage.judge },
        time: new Date().toISOString(),
        protocol: 'rlaif/both-orders',
        probability: Math.max(probability, 1 - probability),
        prompt: promptText(promptOf(item).prompt),
        chosen,
        rejected,
        prompt_ids: promptOf(item).ids,
        completion_ids: ranked.map(({ completion }) => completion),
      })
    }
    view.update(rows.length, {})
    if (context.signal.aborted)
      throw new Interrupted(`stopped while judging; the stage starts again with the next run`)
  }
  await actor.dispose()
  await judge.dispose()
  await writeRows(join(context.folder, 'comparisons.jsonl'), rows)
  view.done(`${rows.length} comparisons by ${stage.judge}`)
  return { judgments: rows.length }

  function promptOf(item: number): AskedPrompt {
    return prompts[(stage.start + item) % prompts.length]!
  }
}

/** The question about two answers as the judge's tokens. Throws when it is longer than the judge's context. */
function question(
  { name, question }: JudgeStage,
  { policy, critic, prompts }: { policy: Model; critic: Model; prompts: readonly AskedPrompt[] },
) {
  const textOf = new Map(prompts.map(({ ids, prompt }) => [ids, promptText(prompt)]))
  return (ids: readonly number[], { a, b }: { a: readonly number[]; b: readonly number[] }): number[] => {
    const { decode } = policy.tokenizer
    const parts: Readonly<Record<string, string>> = { prompt: textOf.get(ids)!, a: decode(a), b: decode(b) }
    const text = question.replaceAll(/\{(prompt|a|b)\}/g, (_, part: string) => parts[part]!.trim())
    const tokens = promptTokens(text, critic.tokenizer)
    const { contextLength } = critic.architecture
    if (tokens.length > contextLength)
      throw new UserError(
        `${name}: the question has ${tokens.length} tokens, but the judge's context is ${contextLength}; shorten the question or max_new_tokens`,
      )
    return tokens
  }
}

/** A chat as a dialogue of Human and Assistant, which a judge reads as text. */
function promptText(prompt: TextOrChat): string {
  return typeof prompt === 'string' ? prompt : dialogueText(prompt).trimStart()
}

/** The tokens that the two verdicts begin with. Throws when they cannot be told apart by it. */
function verdictTokens({ name, verdicts }: JudgeStage, { tokenizer }: Model): [number, number] {
  const [a, b] = [tokenizer.encode(verdicts[0])[0], tokenizer.encode(verdicts[1])[0]]
  if (a === undefined || b === undefined || a === b)
    throw new UserError(
      `${name}.verdicts: ${JSON.stringify(verdicts[0])} and ${JSON.stringify(verdicts[1])} begin with the same token, or with none; take two words that begin differently, such as A and B`,
    )
  return [a, b]
}
