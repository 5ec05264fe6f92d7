/** The number, or the nearer of ±limit when it is beyond. */
export function bounded(x: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, x))
}
