import { randomKey } from '@attune/grad'
import { note } from '../view/note.ts'

/**
 * Rows to learn from and rows to measure on, at most `share` of all, in random order. All rows of a prompt are on one side; a prompt with
 * more rows than are still to be held out is learnt from.
 */
export function splitHeldOut<T extends { readonly prompt: readonly number[] }>(
  rows: readonly T[],
  { share, seed }: { readonly share: number; readonly seed: number },
): { training: T[]; heldOut: T[] } {
  const wanted = Math.round(rows.length * share)
  const byPrompt = new Map<string, T[]>()
  for (const row of rows) {
    const group = byPrompt.get(String(row.prompt))
    if (group) group.push(row)
    else byPrompt.set(String(row.prompt), [row])
  }
  const groups = [...byPrompt.values()]
  const heldOut: T[] = []
  const training: T[] = []
  for (const index of randomKey(seed, 'held-out').permutation(groups.length)) {
    const group = groups[index]!
    ;(heldOut.length + group.length <= wanted ? heldOut : training).push(...group)
  }
  if (wanted > 0 && heldOut.length === 0)
    note(`nothing is held out: ${wanted} rows were to be, but every prompt has more rows than that`)
  return { training, heldOut }
}
