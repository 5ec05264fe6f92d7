import { cpu } from '@attune/grad'
import { encodePrompt, generator, loadModel } from '@attune/lm'
import { encoderOf } from '../data/load.ts'
import { UserError } from '../errors.ts'

/** Flags of `attune generate`, as commander gives them. */
export interface GenerateFlags {
  readonly model: string
  readonly prompt: string
  readonly chat?: boolean
  readonly maxNewTokens: string
  readonly minNewTokens?: string
  readonly temperature: string
  readonly topK?: string
  readonly topP?: string
  readonly stop?: readonly string[]
  readonly seed: string
  readonly threads?: string
  readonly json?: boolean
}

/** Prints a completion of the prompt, and nothing else, on stdout. */
export async function generateCommand(flags: GenerateFlags): Promise<void> {
  const model = await loadModel(flags.model)
  const { tokenizer } = model
  const stops = flags.stop ?? []
  const device = cpu(flags.threads ? { threads: number(flags.threads, '--threads') } : {})
  const sampler = generator(model.architecture, model.parameters, { device })
  const prompt = flags.chat ? [{ role: 'user', content: flags.prompt }] : flags.prompt
  const [completion] = await sampler.generate([encodePrompt(encoderOf(tokenizer), prompt)], {
    maxNewTokens: number(flags.maxNewTokens, '--max-new-tokens'),
    ...(flags.minNewTokens ? { minNewTokens: number(flags.minNewTokens, '--min-new-tokens') } : {}),
    temperature: number(flags.temperature, '--temperature'),
    ...(flags.topK ? { topK: number(flags.topK, '--top-k') } : {}),
    ...(flags.topP ? { topP: number(flags.topP, '--top-p') } : {}),
    endOfText: tokenizer.endsOfText,
    stop: (tokens) => stops.some((text) => tokenizer.decode(tokens).includes(text)),
    seed: number(flags.seed, '--seed'),
  })
  await sampler.dispose()
  const text = cutAtStop(tokenizer.decode(completion!.tokens), stops)
  const { tokens, logprobs, finishReason } = completion!
  process.stdout.write(`${flags.json ? JSON.stringify({ text, tokens, logprobs, finishReason }) : text}\n`)
}

/** The text before the first stop string. */
function cutAtStop(text: string, stops: readonly string[]): string {
  const ends = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0)
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends))
}

/** A flag's number. Throws when it is none. */
export function number(text: string, flag: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value))
    throw new UserError(`${flag} is '${text}', expected a number`)
  return value
}
