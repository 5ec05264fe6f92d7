import { join } from 'node:path'
import { randomKey } from '@attune/grad'
import { encodePrompt, isMessages, loadModel, type TextOrChat } from '@attune/lm'
import { sampler } from '@attune/rlhf'
import { encoderOf } from '../data/load.ts'
import { UserError } from '../errors.ts'
import type { ReviseStage } from '../recipe/schema.ts'
import { readAsked } from '../rewards/asked.ts'
import { Interrupted, type StageContext, sourcePath } from '../run/context.ts'
import { writeRows } from '../run/jsonl.ts'
import { progress } from '../view/progress.ts'
import { endOfText } from './rows.ts'

/**
 * Constitutional AI's data (Bai et al. 2022, critiques, revisions and supervised learning): the model answers, criticises its answer by a principle and revises it, `revisions`
 * times; the last revision is what an sft stage learns, and each row keeps all that led to it.
 */
export async function reviseStageRun(
  stage: ReviseStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const path = await sourcePath(stage.model, { ...context, kind: 'model', field: `${stage.name}.model` })
  const model = await loadModel(path)
  const { tokenizer } = model
  const actor = sampler(model, { device: context.device })
  const encoder = encoderOf(tokenizer)
  const asked = (await readAsked(stage.prompts, model, stage.max_new_tokens)).slice(0, stage.items)
  const view = progress(context.name, { steps: asked.length, watch: [] })
  const complete = async (said: readonly TextOrChat[], key: readonly (string | number)[]) => {
    const room = model.architecture.contextLength - stage.max_new_tokens
    const prompts = said.map((prompt) => encodePrompt(encoder, prompt))
    const longest = Math.max(...prompts.map(({ length }) => length))
    if (longest > room)
      throw new UserError(
        `${stage.name}: the conversation has ${longest} tokens at '${key[0]}', and with max_new_tokens ${stage.max_new_tokens} does not fit the model's context of ${room + stage.max_new_tokens}; shorten prompts, principles or max_new_tokens`,
      )
    const drawn = await actor.sample(prompts, {
      maxNewTokens: stage.max_new_tokens,
      temperature: stage.temperature,
      endOfText: endOfText(model),
      seed: randomKey(context.seed, stage.name, ...key).int(2 ** 31),
    })
    return drawn.map(({ tokens }) => withoutEnd(tokenizer.decode(tokens)))
  }
  const rows: { response: string; trail: object[] }[] = []
  for (let first = 0; first < asked.length; first += stage.batch_size) {
    const prompts = asked.slice(first, first + stage.batch_size).map(({ prompt }) => prompt)
    let responses = await complete(prompts, ['answer', first])
    const trails = responses.map((response) => [{ response }] as object[])
    for (let round = 0; round < stage.revisions; round++) {
      const principles = prompts.map((_, i) => {
        const random = randomKey(context.seed, stage.name, 'principle', first + i, round)
        return stage.principles[random.int(stage.principles.length)]!
      })
      const asCritics = prompts.map((prompt, i) =>
        continued(prompt, responses[i]!, { instruction: principles[i]!.critique, heading: 'Critique' }),
      )
      const critiques = await complete(asCritics, ['critique', first, round])
      const requests = asCritics.map((said, i) =>
        continued(said, critiques[i]!, { instruction: principles[i]!.revision, heading: 'Revision' }),
      )
      responses = await complete(requests, ['revision', first, round])
      for (const [i, trail] of trails.entries())
        trail.push({ ...principles[i], answer: critiques[i], response: responses[i] })
    }
    for (const [i, prompt] of prompts.entries())
      rows.push({ ...learntRow(prompt, responses[i]!), response: responses[i]!, trail: trails[i]! })
    view.update(rows.length, {})
    if (context.signal.aborted)
      throw new Interrupted(`stopped while revising; the stage starts again with the next run`)
  }
  await actor.dispose()
  const kept = rows.filter(({ response }) => response.trim() !== '').map(({ response: _, ...row }) => row)
  if (kept.length === 0) throw new UserError(`${stage.name}: all ${rows.length} revisions are empty`)
  await writeRows(join(context.folder, 'comparisons.jsonl'), kept)
  view.done(`${kept.length} revisions, ${rows.length - kept.length} more were empty`)
  return { rows: kept.length, empty: rows.length - kept.length }

  /** The text before the end of text. */
  function withoutEnd(text: string): string {
    const mark = tokenizer.endOfText === undefined ? '' : tokenizer.decode([tokenizer.endOfText])
    return mark !== '' && text.endsWith(mark) ? text.slice(0, -mark.length) : text
  }
}

/** What was said so far, its answer, and what is asked next: further turns of a chat, or text under a heading. */
function continued(
  said: TextOrChat,
  answer: string,
  { instruction, heading }: { instruction: string; heading: string },
): TextOrChat {
  return isMessages(said)
    ? [...said, { role: 'assistant', content: answer }, { role: 'user', content: instruction }]
    : `${said}${answer}\n\n${instruction}\n\n${heading}:`
}

/** A prompt with its revised answer, as an sft stage reads them. */
function learntRow(prompt: TextOrChat, response: string) {
  return { prompt, completion: isMessages(prompt) ? [{ role: 'assistant', content: response }] : response }
}
