import { cpu, type Parameters, type Tensor, value } from '@attune/grad'
import { loadModel } from '@attune/lm'
import { type SequenceBatch, sequenceBatch, tokenLogProbs } from '@attune/rlhf'
import { UserError } from '../errors.ts'
import { readTextFile } from '../run/jsonl.ts'
import { number } from './generate.ts'

/** Flags of `attune eval`, as commander gives them. */
export interface EvalFlags {
  readonly model: string
  readonly text: string
  readonly maxLength?: string
  readonly threads?: string
  readonly json?: boolean
}

/** Prints a model's mean cross-entropy per token on a text file, in windows of the context length or of `--max-length`. */
export async function evalCommand(flags: EvalFlags): Promise<void> {
  const { architecture, parameters, tokenizer } = await loadModel(flags.model)
  const text = await readTextFile(flags.text)
  const ids = tokenizer.encode(text)
  if (ids.length < 2) throw new UserError(`${flags.text}: ${ids.length} tokens are too few to predict any`)
  const device = cpu(
    flags.threads ? { threads: number(flags.threads, '--threads', { whole: true, least: 1 }) } : {},
  )
  const program = value<[Parameters, SequenceBatch], Tensor>(
    (weights, batch) => tokenLogProbs(architecture, weights, batch).logp.mul(batch.mask).sum(),
    { device },
  )
  const time = flags.maxLength
    ? number(flags.maxLength, '--max-length', { whole: true, least: 2, most: architecture.contextLength })
    : architecture.contextLength
  let total = 0
  let count = 0
  for (let start = 0; start + 1 < ids.length; start += time - 1) {
    const [first, ...rest] = ids.slice(start, start + time) as [number, ...number[]]
    total -= (await program(parameters, sequenceBatch([{ prompt: [first], completion: rest }]))).data[0]!
    count += rest.length
  }
  await program.dispose()
  const crossEntropy = total / count
  const result = { crossEntropy, perplexity: Math.exp(crossEntropy), tokens: count }
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(result)}\n`
      : `cross-entropy ${crossEntropy.toFixed(4)} nats per token (perplexity ${result.perplexity.toFixed(2)}) over ${count} tokens\n`,
  )
}
