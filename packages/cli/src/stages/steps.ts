import { promptTokens } from '@attune/lm'
import type { JudgedSteps } from '@attune/rlhf'
import { type DataSource, encoderOf, examplesOf, loadMixed, placed } from '../data/load.ts'
import { fitCount, fitRow, type ReadRows } from './rows.ts'

/** Reads solutions whose steps were judged (TRL's stepwise supervision); a new line ends each step and carries its judgment. */
export async function readSteps(source: DataSource, options: ReadRows): Promise<JudgedSteps[]> {
  const { tokenizer } = options.model
  const encoder = encoderOf(tokenizer)
  const count = fitCount()
  const all = await loadMixed(source, {
    seed: options.seed,
    read: (rows) =>
      examplesOf(rows, { wanted: 'stepwise-supervision', encoder }).flatMap(({ where, example }) => {
        if (example.type !== 'stepwise-supervision') return []
        const { prompt } = example
        const ids = placed(where, () => {
          if (typeof prompt === 'string') return promptTokens(prompt, tokenizer)
          throw new Error('stepwise supervision of conversations is not supported; give the prompt as text')
        })
        const steps = example.steps.map((step) => tokenizer.encode(`${step}\n`))
        // a solution cut short would lose the ends that carry judgments, so it is dropped whole
        const too_long = options.too_long === 'truncate' ? 'drop' : options.too_long
        const fit = count(
          fitRow({ prompt: ids, completions: [steps.flat()] }, { ...options, too_long, where }),
        )
        return fit ? [{ prompt: ids, steps, right: example.labels }] : []
      }),
  })
  count.report(all.length)
  return [...all]
}
