import { randomKey } from '@attune/grad'
import type { LabelledPair } from './labels.ts'

/** For every member, how often each answer to a pair is in its sample: 0 for about 1/e of the pairs, which it never learns from. */
export interface Bootstrap {
  readonly counts: readonly (readonly number[])[]
  /** Indices of pairs, `size` for each member, drawn from its sample: [E · size]. */
  readonly batch: (update: number, size: number) => Int32Array
}

/**
 * Bootstrap samples that grow with the data: pair i is Poisson(1) times in a member's sample (Oza and Russell 2001), with all its
 * answers, decided by the names of its clips, so that a pair held out once stays held out. A member that would have none has all.
 */
export function bootstrap(
  pairs: readonly Pick<LabelledPair, 'first' | 'second' | 'answers'>[],
  { seed, members, iteration }: { seed: number; members: number; iteration: number },
): Bootstrap {
  const counts = Array.from({ length: members }, (_, e) => {
    const times = pairs.map(({ first, second }) =>
      poisson(randomKey(seed, 'bootstrap', e, first.id, second.id).uniform()),
    )
    return times.some((count) => count > 0) ? times : times.map(() => 1)
  })
  const samples = counts.map((member) =>
    member.flatMap((times, i) => Array<number>(times * pairs[i]!.answers).fill(i)),
  )
  return {
    counts,
    batch: (update, size) => {
      const random = randomKey(seed, 'labels', iteration, update)
      return Int32Array.from({ length: members * size }, (_, at) => {
        const sample = samples[Math.floor(at / size)]!
        return sample[random.int(sample.length)]!
      })
    },
  }
}

/** The Poisson(1) quantile of u. */
function poisson(u: number): number {
  let times = 0
  let probability = Math.exp(-1)
  let below = probability
  while (u >= below && times < 20) {
    times++
    probability /= times
    below += probability
  }
  return times
}
