import type { Item, NewItem, Protocol } from '@attune/feedback'
import { invalid } from '../http/api-error.ts'

/** As many as people can put in order; as many as an answer may name. */
const mostRanked = 9

/** Why an item cannot be judged in a protocol's kind; nothing when it can. */
export function misfitOf(
  { completions = [], clips = [] }: Pick<Item | NewItem, 'completions' | 'clips'>,
  { kind }: Protocol,
): string | undefined {
  const count = kind === 'clip-comparison' ? clips.length : completions.length
  const [least, most] = rangeOf(kind)
  if (count >= least && count <= most) return undefined
  const range =
    least === most
      ? `${least}`
      : most === Number.POSITIVE_INFINITY
        ? `${least} or more`
        : `${least} to ${most}`
  const parts = `${kind === 'clip-comparison' ? 'clip' : 'completion'}${count === 1 ? '' : 's'}`
  return `has ${count} ${parts}, but a ${kind} needs ${range}`
}

/** How many completions (or clips) an item of a kind has. */
export function rangeOf(kind: Protocol['kind']): readonly [least: number, most: number] {
  if (kind === 'comparison' || kind === 'clip-comparison') return [2, 2]
  if (kind === 'ranking') return [2, mostRanked]
  return [kind === 'demonstration' ? 0 : 1, Number.POSITIVE_INFINITY]
}

/** Throws `invalid` when no answer could be given under a protocol: no scale, a scale without values, no rule. */
export function checkProtocol({ kind, scales = [], rules = [] }: Protocol): void {
  if ((kind === 'rule-check' || kind === 'violation') && rules.length === 0)
    throw invalid('body.protocol.rules', `are empty, but a ${kind} needs at least one rule`)
  if (kind !== 'rating') return
  if (scales.length === 0)
    throw invalid('body.protocol.scales', 'are empty, but a rating needs at least one scale')
  for (const [i, { name, low, high }] of scales.entries()) {
    const field = `body.protocol.scales.${i}`
    if (low >= high)
      throw invalid(field, `goes from ${low} to ${high}; the highest grade must be above the lowest`)
    if (scales.findIndex((scale) => scale.name === name) !== i)
      throw invalid(`${field}.name`, `'${name}' is there twice; give each scale a name of its own`)
  }
}
