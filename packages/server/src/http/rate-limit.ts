/** How often something may happen: `count` in `seconds`. */
export interface Rate {
  readonly count: number
  readonly seconds: number
}

/** Counts by key and says how long to wait. */
export interface RateLimit {
  /** Takes one; returns 0, or the seconds until the next may be taken. */
  readonly take: (key: string) => number
  /** Seconds to wait, taking none. */
  readonly wait: (key: string) => number
  /** Undoes one `take`. */
  readonly giveBack: (key: string) => void
  readonly forget: (key: string) => void
}

/** Keys that are remembered at most; the longest unused go first. */
const mostKeys = 50_000

/** A token bucket for each key: `count` at once, refilled over `seconds`. */
export function rateLimit({ count, seconds }: Rate, now: () => number = Date.now): RateLimit {
  const buckets = new Map<string, { tokens: number; time: number }>()
  const perSecond = count / seconds
  const filled = (key: string) => {
    const bucket = buckets.get(key) ?? { tokens: count, time: now() }
    const passed = Math.max(0, now() - bucket.time) / 1000
    return { tokens: Math.min(count, bucket.tokens + passed * perSecond), time: now() }
  }
  const wait = (tokens: number) => (tokens >= 1 ? 0 : (1 - tokens) / perSecond)
  return {
    take: (key) => {
      const bucket = filled(key)
      const seconds = wait(bucket.tokens)
      if (seconds === 0) bucket.tokens -= 1
      buckets.delete(key)
      buckets.set(key, bucket)
      if (buckets.size > mostKeys) buckets.delete(buckets.keys().next().value!)
      return seconds
    },
    wait: (key) => wait(filled(key).tokens),
    giveBack: (key) => {
      const bucket = buckets.get(key)
      if (bucket) bucket.tokens = Math.min(count, bucket.tokens + 1)
    },
    forget: (key) => {
      buckets.delete(key)
    },
  }
}
