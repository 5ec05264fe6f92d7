import { bradleyTerryIntervals, type Contest, eloRatings } from '@attune/feedback'

/** Where models stand after votes. */
export interface Standing {
  readonly model: string
  readonly rating: number
  readonly low: number
  readonly high: number
  readonly elo: number
  readonly rank: number
  readonly votes: number
  readonly wins: number
  readonly ties: number
  readonly bothBad: number
}

/** One unit of log-odds on Elo's scale. */
const scale = 400 / Math.log(10)

/** Bradley–Terry strengths on Elo's scale (mean 1000) with 95 % intervals, the best first; a tie or both-bad counts half. */
export function leaderboard(contests: readonly Contest[]): Standing[] {
  if (contests.length === 0) return [] // each contest is between two models
  const strengths = bradleyTerryIntervals(contests, { resamples: 200 })
  const elo = eloRatings(contests)
  const standings = [...strengths].map(([model, { value, low, high }]) => {
    const own = contests.filter(({ between }) => between.includes(model))
    return {
      model,
      rating: 1000 + scale * value,
      low: 1000 + scale * low,
      high: 1000 + scale * high,
      elo: elo.get(model) ?? 1000,
      votes: own.length,
      wins: own.filter(
        ({ between, preferred }) => typeof preferred === 'number' && between[preferred] === model,
      ).length,
      ties: own.filter(({ preferred }) => preferred === 'tie').length,
      bothBad: own.filter(({ preferred }) => preferred === 'both-bad').length,
    }
  })
  return standings
    .map((one) => ({ ...one, rank: 1 + standings.filter(({ low }) => low > one.high).length }))
    .sort((a, b) => b.rating - a.rating)
}
