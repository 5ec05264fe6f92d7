import { encodePrompt, type Model, type Row, type TextOrChat } from '@attune/lm'
import { encoderOf, examplesOf, placed, rowsOf } from '../data/load.ts'
import { checkPrompt } from '../stages/rows.ts'

/** A prompt with the row it comes from, whose other columns say what a good completion is. */
export interface AskedPrompt {
  readonly ids: readonly number[]
  /** As its row has it: text, or the messages of a chat. */
  readonly prompt: TextOrChat
  readonly row: Row
  /** File and line. */
  readonly where: string
}

/** Prompts of a file with all columns of their rows. Throws with the row of one that leaves no room for `newTokens`. */
export async function readAsked(path: string, model: Model, newTokens: number): Promise<AskedPrompt[]> {
  const encoder = encoderOf(model.tokenizer)
  const { contextLength } = model.architecture
  const [part] = await rowsOf(path)
  return part!.rows.flatMap((placedRow) =>
    examplesOf([placedRow], { wanted: 'prompt-only', encoder }).flatMap(({ where, example }) => {
      if (example.type !== 'prompt-only') return []
      const ids = placed(where, () => encodePrompt(encoder, example.prompt, example.tools))
      checkPrompt(ids, { where, contextLength, newTokens })
      return [{ ids, prompt: example.prompt, row: placedRow.row, where }]
    }),
  )
}
