/** Rewards as they are, of `count` steps; throws with the place of one that is missing or not finite. */
export function checkedRewards(
  rewards: Float32Array,
  count: number,
  placeOf: (row: number) => string,
): Float32Array {
  if (rewards.length !== count)
    throw new RangeError(`the reward gave ${rewards.length} numbers for ${count} steps`)
  const at = rewards.findIndex((reward) => !Number.isFinite(reward))
  if (at >= 0)
    throw new RangeError(`the reward of ${placeOf(at)} is ${rewards[at]}, expected a finite number`)
  return rewards
}
