import { UserError } from '../errors.ts'

/** What is done with rows that are too long. */
export interface FitOptions {
  /** Most tokens of a row; the model's context when there is none. */
  readonly max_length?: number | undefined
  readonly too_long: 'refuse' | 'drop' | 'truncate'
}

/** A prompt and all its completions, which are kept or dropped together. */
export interface FitRow {
  readonly prompt: readonly number[]
  readonly completions: readonly (readonly number[])[]
}

/** A row that fits, as it is or cut; undefined when it is dropped. Throws when it is refused. */
export function fitted<T extends FitRow>(
  row: T,
  { where, context, max_length, too_long }: FitOptions & { where: string; context: number },
): { row: T; cut: boolean } | undefined {
  const { prompt, completions } = row
  if (prompt.length === 0)
    throw new UserError(`${where}: the prompt has no token, and the tokenizer no bos_token to begin with`)
  const most = Math.min(max_length ?? context, context)
  const longest = prompt.length + Math.max(...completions.map(({ length }) => length))
  if (longest <= most) return { row, cut: false }
  if (too_long === 'drop' || (too_long === 'truncate' && prompt.length >= most)) return undefined
  if (too_long === 'truncate') {
    const cut = completions.map((completion) => completion.slice(0, most - prompt.length))
    // completions that differ only behind the cut have nothing to prefer
    const distinct = new Set(cut.map(String)).size === new Set(completions.map(String)).size
    return distinct ? { row: { ...row, completions: cut }, cut: true } : undefined
  }
  const limit = most < context ? `max_length is ${most}` : `the model's context is ${context}`
  throw new UserError(
    `${where}: ${longest} tokens, but ${limit}; shorten the row, or set too_long to drop or truncate`,
  )
}
