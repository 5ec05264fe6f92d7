import { encodeCompletion, type PlacedRow } from '@attune/lm'
import type { JudgedCompletion } from '@attune/rlhf'
import { type DataSource, encoderOf, examplesOf, loadMixed, placed } from '../data/load.ts'
import { UserError } from '../errors.ts'
import { isTokenised, tokenised } from './comparisons.ts'
import { endOfText, fitCount, fitRow, type ReadRows } from './rows.ts'

/** Reads completions with thumbs up or down; of preferences and rankings, the best is liked and the worst disliked. */
export async function readThumbs(source: DataSource, options: ReadRows): Promise<JudgedCompletion[]> {
  const encoder = encoderOf(options.model.tokenizer)
  endOfText(options.model)
  const count = fitCount()
  const textual = (rows: readonly PlacedRow[]) =>
    examplesOf(rows, { wanted: 'unpaired-preference', encoder }).flatMap(({ where, example }) => {
      if (example.type !== 'unpaired-preference') return []
      const encoded = placed(where, () => encodeCompletion(encoder, example))
      return [{ where, judged: { ...encoded, desirable: example.label } }]
    })
  const sampled = (rows: readonly PlacedRow[]) =>
    rows.flatMap(({ where, row }) => {
      const { prompt, completions } = tokenised(row, { where, model: options.model })
      if (String(completions[0]) === String(completions.at(-1))) return [] // liked and disliked at once
      return [
        { where, judged: { prompt, completion: completions[0]!, desirable: true } },
        { where, judged: { prompt, completion: completions.at(-1)!, desirable: false } },
      ]
    })
  const all = await loadMixed(source, {
    seed: options.seed,
    read: (rows) =>
      (isTokenised(rows) ? sampled(rows) : textual(rows)).flatMap(({ where, judged }) => {
        const { prompt, completion, desirable } = judged
        const fit = count(fitRow({ prompt, completions: [completion] }, { ...options, where }))
        return fit ? [{ prompt, completion: fit.completions[0]!, desirable }] : []
      }),
  })
  count.report(all.length)
  const liked = all.filter(({ desirable }) => desirable).length
  if (liked === 0 || liked === all.length)
    throw new UserError(
      `all ${all.length} rows that are left are ${liked === 0 ? 'disliked' : 'liked'}; learning from thumbs needs both kinds`,
    )
  return [...all]
}
