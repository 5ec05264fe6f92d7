import { type ClipComparison, newId, type SimulatedAnnotator } from '@attune/feedback'
import { cpu, type NdArray, ndarray, randomKey, valueAndGrad } from '@attune/grad'
import { type Policy, seen } from '../learn/policy.ts'
import type { Transition } from '../replay/replay.ts'
import type { Clip, ClipPair } from './clip.ts'
import { itemOf, type PreferenceGatherer } from './gather.ts'

const annotator: SimulatedAnnotator = {
  id: 'demonstrations',
  source: 'simulated',
  temperature: 0,
  lapseRate: 0,
}

/**
 * Judgments that need no person: for `share` of the pairs, a demonstration is better than the first of the two clips (Ibarz et al.
 * 2018, §2.2: initial labels from demonstrations). Which pairs, and which demonstration, is decided by the clips' names.
 */
export function demonstrationJudgments(
  pairs: readonly ClipPair[],
  demonstrations: readonly Clip[],
  { seed, share }: { readonly seed: number; readonly share: number },
): ClipComparison[] {
  return pairs.flatMap((pair) => {
    const random = randomKey(seed, 'demonstrations', itemOf(pair))
    if (random.uniform() >= share) return []
    const compared = [demonstrations[random.int(demonstrations.length)]!, pair[0]] as const
    return [
      {
        kind: 'clip-comparison',
        id: newId(),
        item: itemOf(compared),
        annotator,
        time: new Date().toISOString(),
        protocol: 'demonstrations',
        clips: [compared[0].id, compared[1].id],
        preferred: 0,
      },
    ]
  })
}

/** Adds `demonstrationJudgments` to a gatherer's answers. Give the loop the demonstrations as its `clips`. */
export function withDemonstrations(
  gatherer: PreferenceGatherer,
  demonstrations: readonly Clip[],
  options: { readonly seed: number; readonly share: number },
): PreferenceGatherer {
  if (demonstrations.length === 0) throw new RangeError('there are no demonstrations to compare with')
  const own: ClipComparison[] = []
  return {
    ask: async (pairs) => {
      own.push(...demonstrationJudgments(pairs, demonstrations, options))
      await gatherer.ask(pairs)
    },
    answers: async (atLeast) => {
      const added = own.splice(0)
      return [...added, ...(await gatherer.answers(Math.max((atLeast ?? 0) - added.length, 0)))]
    },
    waiting: gatherer.waiting,
  }
}

/**
 * Behavioural cloning, with which Ibarz et al. (2018) start the policy: minibatches of −E log π(a | s) over the demonstrations;
 * yields the loss of every update. The policy's statistics of observations first take the demonstrations in. Throws where there are none.
 */
export async function* cloneBehaviour(
  policy: Policy,
  demonstrations: readonly Pick<Transition, 'observation' | 'action'>[],
  { seed, updates, batchSize }: { seed: number; updates: number; batchSize: number },
): AsyncGenerator<{ readonly step: number; readonly metrics: { readonly 'clone/loss': number } }> {
  const { network, parameters, optimizer } = policy
  if (demonstrations.length === 0) throw new RangeError('there are no demonstrations to clone')
  const observations = joined(demonstrations.map(({ observation }) => observation))
  const actions = joined(demonstrations.map(({ action }) => action))
  policy.observations?.update(observations)
  const rows = seen(policy, observations)
  const [width, actionSize] = [network.observationSize, network.distribution.actionSize]
  const { length: count } = demonstrations
  const program = valueAndGrad<[{ observations: NdArray; actions: NdArray }]>(
    (traced, batch) =>
      network.distribution
        .logProbs(traced, network.forward(traced, batch.observations).heads, batch.actions)
        .mean()
        .neg(),
    { device: cpu({ threads: 1 }) },
  )
  try {
    for (let update = 0; update < updates; update++) {
      const random = randomKey(seed, 'clone', update)
      const picked = Array.from({ length: batchSize }, () => random.int(count))
      const take = (source: Float32Array, size: number) =>
        ndarray(joined(picked.map((row) => source.subarray(row * size, (row + 1) * size))), [batchSize, size])
      const { value, grads } = await program(parameters, {
        observations: take(rows, width),
        actions: take(actions, actionSize),
      })
      optimizer.update(parameters, grads)
      yield { step: update + 1, metrics: { 'clone/loss': value } }
    }
  } finally {
    await program.dispose()
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
