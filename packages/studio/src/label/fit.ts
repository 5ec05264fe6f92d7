import type { Item, Project } from '@attune/server'

/** Why no form can ask for this item (it came before the kind of task was changed), or nothing. */
export function misfitOf(
  { completions, clips }: Pick<Item, 'completions' | 'clips'>,
  { kind, scales, rules }: Pick<Project['protocol'], 'kind' | 'scales' | 'rules'>,
): string | undefined {
  const count = kind === 'clip-comparison' ? (clips?.length ?? 0) : completions.length
  const answers = count === 1 ? 'one answer' : `${count} answers`
  if ((kind === 'comparison' || kind === 'clip-comparison') && count !== 2)
    return `This item has ${answers}, but two are to be compared.`
  if (kind === 'ranking' && (count < 2 || count > 9))
    return `This item has ${answers}, but two to nine are to be put in order.`
  if (kind !== 'demonstration' && count === 0) return 'This item has no answer to judge.'
  if (kind === 'rating' && !scales?.length) return 'The project has no scale to rate on.'
  if ((kind === 'rule-check' || kind === 'violation') && !rules?.length)
    return 'The project has no rule to check.'
  return undefined
}
