import { InvalidRequest } from './complete.ts'
import type { Loaded } from './loaded.ts'
import type { JudgeRequest } from './messages.ts'

/** P(a is better) of each pair by a language model as judge. Throws InvalidRequest when a pair does not fit the context. */
export async function judged({ model, judge }: Loaded, { question, pairs }: JudgeRequest): Promise<number[]> {
  const { tokenizer, architecture } = model
  const rows = pairs.map(({ prompt, a, b }) => ({
    prompt: tokenizer.encode(`${question}\n\n${prompt}`),
    a: tokenizer.encode(a),
    b: tokenizer.encode(b),
  }))
  rows.forEach(({ prompt, a, b }, index) => {
    const length = prompt.length + a.length + b.length + judge.frame
    if (length > architecture.contextLength)
      throw new InvalidRequest(
        `pairs.${index} has ${length} tokens, the judge's context holds ${architecture.contextLength}`,
      )
  })
  const side = (name: 'a' | 'b') => rows.map((row) => ({ prompt: row.prompt, completion: row[name] }))
  return [...(await judge.prefer(side('a'), side('b')))]
}
