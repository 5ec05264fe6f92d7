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
  const sampling = samplingOf(flags)
  const model = await loadModel(flags.model)
  const { tokenizer } = model
  const stops = flags.stop ?? []
  const device = cpu(
    flags.threads ? { threads: number(flags.threads, '--threads', { whole: true, least: 1 }) } : {},
  )
  const sampler = generator(model.architecture, model.parameters, { device })
  const prompt = flags.chat ? [{ role: 'user', content: flags.prompt }] : flags.prompt
  const [completion] = await sampler.generate([encodePrompt(encoderOf(tokenizer), prompt)], {
    ...sampling,
    endOfText: tokenizer.endsOfText,
    stop: (tokens) => stops.some((text) => tokenizer.decode(tokens).includes(text)),
  })
  await sampler.dispose()
  const text = cutAtStop(tokenizer.decode(completion!.tokens), stops)
  const { tokens, logprobs, finishReason } = completion!
  process.stdout.write(`${flags.json ? JSON.stringify({ text, tokens, logprobs, finishReason }) : text}\n`)
}

function samplingOf({ maxNewTokens, minNewTokens, temperature, topK, topP, seed }: GenerateFlags) {
  return {
    maxNewTokens: number(maxNewTokens, '--max-new-tokens', { whole: true, least: 1 }),
    ...(minNewTokens && {
      minNewTokens: number(minNewTokens, '--min-new-tokens', { whole: true, least: 0 }),
    }),
    temperature: number(temperature, '--temperature', { least: 0 }),
    ...(topK && { topK: number(topK, '--top-k', { whole: true, least: 1 }) }),
    ...(topP && { topP: number(topP, '--top-p', { least: 0, most: 1 }) }),
    seed: number(seed, '--seed', { whole: true, least: 0 }),
  }
}

/** The text before the first stop string. */
function cutAtStop(text: string, stops: readonly string[]): string {
  const ends = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0)
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends))
}

/** A flag's number. Throws when it is none, or out of its bounds. */
export function number(
  text: string,
  flag: string,
  { whole = false, least, most }: { whole?: boolean; least?: number; most?: number } = {},
): number {
  const value = Number(text)
  const outside = value < (least ?? value) || value > (most ?? value) || (whole && !Number.isInteger(value))
  if (text.trim() !== '' && Number.isFinite(value) && !outside) return value
  const bounds = `${least === undefined ? '' : ` from ${least}`}${most === undefined ? '' : ` to ${most}`}`
  throw new UserError(`${flag} is '${text}', expected a ${whole ? 'whole ' : ''}number${bounds}`)
}
