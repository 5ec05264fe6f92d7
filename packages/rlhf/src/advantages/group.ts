/** An advantage for every completion from its score; completions of one prompt lie side by side, `size` of them. */
export type GroupAdvantage = (scores: readonly number[], size: number) => number[]

/** What TRL adds to deviations before it divides by them. */
const epsilon = 1e-4

/** (r − mean_g)/(std_g + ε): GRPO (Shao et al. 2024, outcome supervision). */
export const standardisedInGroup: GroupAdvantage = (scores, size) =>
  eachGroup(scores, size, (group) => {
    const [average, deviation] = [mean(group), standardDeviation(group)]
    return group.map((score) => (score - average) / (deviation + epsilon))
  })

/** r − mean_g: Dr. GRPO (Liu et al. 2025). */
export const centredInGroup: GroupAdvantage = (scores, size) =>
  eachGroup(scores, size, (group) => {
    const average = mean(group)
    return group.map((score) => score - average)
  })

/** (r − mean_g)/(std_batch + ε): the mean of the group, the deviation of the batch (Liu et al. 2025, "Lite PPO"). */
export const scaledByBatch: GroupAdvantage = (scores, size) => {
  const deviation = standardDeviation(scores)
  return centredInGroup(scores, size).map((advantage) => advantage / (deviation + epsilon))
}

/** r_i − mean of the others: RLOO (Kool et al. 2019; Ahmadian et al. 2024). Throws for groups of one. */
export const leaveOneOut: GroupAdvantage = (scores, size) => {
  if (size < 2)
    throw new RangeError('leave-one-out compares a completion with others: a group needs 2 or more')
  return eachGroup(scores, size, (group) => {
    const sum = group.reduce((a, b) => a + b, 0)
    return group.map((score) => score - (sum - score) / (size - 1))
  })
}

/** (r − mean)/(std + ε) over the whole batch. */
export const standardisedInBatch: GroupAdvantage = (scores) => {
  const [average, deviation] = [mean(scores), standardDeviation(scores)]
  return scores.map((score) => (score - average) / (deviation + epsilon))
}

/** r − mean_g, then standardised over the batch: REINFORCE++ with a baseline (Hu 2025). */
export const centredThenStandardised: GroupAdvantage = (scores, size) =>
  standardisedInBatch(centredInGroup(scores, size), size)

/** Share of groups whose scores are all equal: they teach nothing. */
export function uniformGroups(scores: readonly number[], size: number): number {
  const groups = groupsOf(scores, size)
  return groups.filter((group) => group.every((score) => score === group[0])).length / groups.length
}

/** Groups of `size` consecutive values. Throws when the last is not whole. */
export function groupsOf<T>(values: readonly T[], size: number): T[][] {
  if (!Number.isInteger(size) || size < 1 || values.length % size !== 0)
    throw new RangeError(`${values.length} completions are no whole groups of ${size}`)
  return Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size))
}

function eachGroup(
  scores: readonly number[],
  size: number,
  advantage: (group: readonly number[]) => number[],
): number[] {
  return groupsOf(scores, size).flatMap(advantage)
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

/** With n − 1 below, as PyTorch's; 0 for one value. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0
  const average = mean(values)
  return Math.sqrt(values.reduce((sum, x) => sum + (x - average) ** 2, 0) / (values.length - 1))
}
