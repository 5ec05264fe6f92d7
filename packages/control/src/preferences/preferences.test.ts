import { type ClipComparison, simulatedAnnotator } from '@attune/feedback'
import { ndarray, randomKey, valueAndGrad } from '@attune/grad'
import { describe, expect, it } from 'vitest'
import { makeEnvironment } from '../envs/make.ts'
import { box, discrete } from '../envs/space.ts'
import type { Rollout } from '../learn/rollout.ts'
import { bootstrap } from './bootstrap.ts'
import { type Clip, clipPlaces, episodeClips, type RecordedRollout, trueReturn } from './clip.ts'
import { disagreementPairs, randomPairs } from './fragment.ts'
import { simulatedGatherer } from './gather.ts'
import { type ClipJudgment, goneMessage, readLabels } from './labels.ts'
import { lapsedPreferenceLoss, preferenceOf } from './objective.ts'
import { clipDrawings } from './picture.ts'
import type { PolicyLearner } from './policy-learner.ts'
import { preferenceComparisons } from './preference-comparisons.ts'
import { adaptDecay, scoreFit } from './reward-fit.ts'
import { rewardLearner } from './reward-learner.ts'
import { rewardNetwork } from './reward-network.ts'

/** Two environments, T steps of a random walk in [−1, 1], reward s·a, episodes ending where `ends` says. */
function walk(
  source: string,
  { steps = 60, ends = [] as readonly (readonly [number, number])[] } = {},
): RecordedRollout {
  const count = 2
  const { uniform, int } = randomKey(1, source)
  const observations = Float32Array.from({ length: steps * count }, () => 2 * uniform() - 1)
  const actions = Float32Array.from({ length: steps * count }, () => int(2))
  const ended = new Uint8Array(steps * count)
  for (const [t, index] of ends) ended[t * count + index] = 1
  const rollout: Rollout = {
    steps,
    count,
    observations,
    nextObservations: observations,
    actions,
    rewards: observations.map((s, i) => s * (2 * actions[i]! - 1)),
    terminated: ended,
    ended,
    episodes: [],
    infos: [],
  }
  return { source, rollout }
}

const spaces = { observationSpace: box([1], -1, 1), actionSpace: discrete(2) }
const numbers = {
  seed: 1,
  length: 10,
  learningRate: 3e-3,
  batchSize: 32,
  firstUpdates: 200,
  updates: 50,
  lapse: 0.1,
  weightDecay: 1e-4,
}
const oracle = simulatedAnnotator('oracle', { temperature: 0, lapseRate: 0 })

describe('clips', () => {
  it('lie within one episode; a short whole episode is a clip of its own', () => {
    const recorded = walk('a', {
      steps: 30,
      ends: [
        [9, 0],
        [13, 0],
        [29, 0],
        [4, 1],
      ],
    })
    const places = clipPlaces([recorded], 10)
    // Environment 0: 1 start in steps 0–9, the episode 10–13 whole, 7 starts in 14–29; environment 1: 16 in 5–29.
    expect(places.count).toBe(1 + 1 + 7 + 16)
    const clips = Array.from({ length: places.count }, (_, i) => places.at(i))
    expect(new Set(clips.map(({ id }) => id)).size).toBe(places.count)
    expect(clips.filter(({ steps }) => steps !== 10).map(({ id }) => id)).toEqual(['a-e0-t10+4'])
    for (const { from, steps } of clips)
      for (let t = from.start; t < from.start + steps - 1; t++)
        expect(recorded.rollout.ended[t * 2 + from.index]).toBe(0)
  })

  it('take a demonstrated episode whole, the last one reaching back', () => {
    const recorded = walk('d', {
      steps: 30,
      ends: [
        [3, 0],
        [29, 0],
      ],
    })
    const ids = episodeClips(recorded, 10).map(({ id }) => id)
    expect(ids.filter((id) => id.startsWith('d-e0'))).toEqual([
      'd-e0-t0+4',
      'd-e0-t4+10',
      'd-e0-t14+10',
      'd-e0-t20+10',
    ])
    expect(ids.filter((id) => id.startsWith('d-e1'))).toEqual(['d-e1-t0+10', 'd-e1-t10+10', 'd-e1-t20+10'])
  })

  it('carry their own rows', () => {
    const { rollout, source } = walk('b')
    const clip = clipPlaces([{ rollout, source }], 5).at(57) // second start of environment 1
    expect(clip.id).toBe('b-e1-t1+5')
    expect([...clip.observations]).toEqual([1, 2, 3, 4, 5].map((t) => rollout.observations[t * 2 + 1]))
    expect(trueReturn(clip)).toBeCloseTo(
      [1, 2, 3, 4, 5].reduce((sum, t) => sum + rollout.rewards[t * 2 + 1]!, 0),
      6,
    )
  })

  it('are drawn by playing them again', async () => {
    const environment = await makeEnvironment('CartPole-v1')
    environment.reset(4)
    const start = { environments: [environment.state!()], observations: [], returns: [], steps: [] }
    const steps = 40
    const actions = Float32Array.from({ length: steps }, (_, t) => t % 2)
    const drawn: unknown[] = []
    const ended = new Uint8Array(steps)
    for (const [t, action] of actions.entries()) {
      drawn.push(environment.drawing!())
      const { terminated } = environment.step(t < 15 ? 1 : action)
      if (t < 15) actions[t] = 1
      ended[t] = Number(terminated)
      if (terminated) environment.reset()
    }
    expect(ended.includes(1)).toBe(true)
    const rollout = { ...walk('c', { steps }).rollout, count: 1, actions, ended }
    const clip = { id: 'x', steps: 8, from: { source: 'c', index: 0, start: 25 } }
    const frames = clipDrawings(await makeEnvironment('CartPole-v1'), { source: 'c', rollout, start }, clip)
    expect(frames.length).toBe(9)
    expect(frames.slice(0, 8)).toEqual(drawn.slice(25, 33))
    expect(() => clipDrawings(environment, { source: 'd', rollout, start }, clip)).toThrow(
      "rollout 'c' is not here",
    )
  })
})

describe('lapsedPreferenceLoss', () => {
  it('is the cross-entropy worked by hand, with its derivative', async () => {
    const program = valueAndGrad((parameters: Record<string, import('@attune/grad').Tensor>) =>
      lapsedPreferenceLoss(
        {
          first: parameters.first!,
          second: parameters.first!.mul(0),
          target: parameters.first!.mul(0).add(1),
          weight: parameters.first!.mul(0).add(1),
        },
        0.1,
      ),
    )
    const { value, grads } = await program({ first: ndarray([2], [1]) })
    const sigmoid = 1 / (1 + Math.exp(-2))
    expect(value).toBeCloseTo(-Math.log(0.9 * sigmoid + 0.05), 5)
    expect(grads.first!.data[0]).toBeCloseTo((-0.9 * sigmoid * (1 - sigmoid)) / (0.9 * sigmoid + 0.05), 5)
    await program.dispose()
  })

  it('never thinks an answer impossible when there are lapses', () => {
    expect(preferenceOf(-1000, 0.1)).toBeCloseTo(0.05, 12)
    expect(preferenceOf(1.3, 0.1) + preferenceOf(-1.3, 0.1)).toBeCloseTo(1, 12)
  })
})

const judged = (
  clips: readonly [string, string],
  preferred: ClipComparison['preferred'],
  more = {},
): ClipComparison => ({
  kind: 'clip-comparison',
  item: clips.join(' '),
  annotator: { id: 'me', source: 'person' },
  time: '2026-01-01T00:00:00Z',
  protocol: 'clips-1',
  clips,
  preferred,
  ...more,
})

describe('readLabels', () => {
  const clips = new Map(
    ['a', 'b', 'c'].map((id): [string, Clip] => [
      id,
      {
        id,
        steps: 1,
        observations: new Float32Array(1),
        actions: new Float32Array(1),
        rewards: new Float32Array(1),
        infos: [],
        from: { source: 's', index: 0, start: 0 },
      },
    ]),
  )
  const read = (judgments: readonly ClipComparison[]) => readLabels(judgments, (id) => clips.get(id))

  it('joins answers to one pair in either order, and counts contradictions', () => {
    const { pairs, contradictory } = read([
      judged(['a', 'b'], 0),
      judged(['b', 'a'], 0),
      judged(['b', 'a'], 1),
      judged(['a', 'c'], 'tie'),
    ])
    expect(pairs.map(({ first, second, target, answers }) => [first.id, second.id, target, answers])).toEqual(
      [
        ['a', 'b', 2 / 3, 3],
        ['a', 'c', 0.5, 1],
      ],
    )
    expect(contradictory).toBe(1)
  })

  it('keeps to the newest word of a person, and takes back what was retracted', () => {
    const retraction = { ...judged(['a', 'b'], 0), kind: 'retraction' as const, supersedes: '2' }
    const { clips: _, preferred: __, ...taken } = retraction
    const judgments = [
      judged(['a', 'b'], 0, { id: '1' }),
      judged(['a', 'b'], 1, { id: '3', supersedes: '1' }),
      judged(['a', 'c'], 0, { id: '2' }),
      taken,
    ]
    expect(readLabels(judgments, (id) => clips.get(id)).pairs.map(({ target }) => target)).toEqual([0])
  })

  it('passes over labels whose clips are gone, and names them', () => {
    const { pairs, gone } = read([judged(['a', 'x'], 0), judged(['a', 'b'], 1)])
    expect(pairs.length).toBe(1)
    expect(goneMessage(gone, 'runs/demo')).toMatch(
      /^runs\/demo: 1 labels are about clips.*\(a and x\); the labels stay/,
    )
  })
})

describe('bootstrap', () => {
  it('holds out about 1/e of the pairs for each member, and the same ones when more come', () => {
    const pairs = pairsNamed(400, 1)
    const options = { seed: 1, members: 3, iteration: 0 }
    const { counts, batch } = bootstrap(pairs, options)
    const few = bootstrap(pairs.slice(0, 100), options)
    for (const [e, member] of counts.entries()) {
      expect(few.counts[e]).toEqual(member.slice(0, 100))
      expect(member.filter((times) => times === 0).length / 400).toBeCloseTo(Math.exp(-1), 1)
    }
    const drawn = batch(0, 50)
    for (const [at, i] of drawn.entries()) expect(counts[Math.floor(at / 50)]![i]).toBeGreaterThan(0)
  })

  it('draws a pair as often as it was answered, and gives all to a member that would have none', () => {
    const pairs = [...pairsNamed(200, 1), ...pairsNamed(200, 4, 'c')]
    const drawn = bootstrap(pairs, { seed: 1, members: 1, iteration: 0 }).batch(0, 4000)
    const often = drawn.filter((i) => i >= 200).length
    expect(often / 4000).toBeCloseTo(0.8, 1)
    const alone = Array.from({ length: 20 }, (_, seed) =>
      bootstrap(pairsNamed(1, 1), { seed, members: 1, iteration: 0 }),
    )
    expect(alone.map(({ counts }) => counts[0]![0]! > 0)).toEqual(Array(20).fill(true))
  })
})

function pairsNamed(count: number, answers: number, name = 'a') {
  return Array.from({ length: count }, (_, i) => ({
    first: { id: `${name}${i}` } as Clip,
    second: { id: 'b' } as Clip,
    answers,
  }))
}

describe('adaptDecay', () => {
  it('follows the loss on unseen pairs within its bounds, and leaves what is not known', () => {
    const decay = Float32Array.of(1e-3, 1e-3, 1e-3, 1e-3, 0, 1e-2)
    adaptDecay(decay, [
      { own: 1, unseen: 2 },
      { own: 1, unseen: 1 },
      { own: 1, unseen: undefined },
      { own: undefined, unseen: 1 },
      { own: 1, unseen: 2 },
      { own: 1, unseen: 2 },
    ])
    const expected = [1.5e-3, 1e-3 / 1.5, 1e-3, 1e-3, 0, 1e-2]
    for (const [e, value] of expected.entries()) expect(decay[e]).toBeCloseTo(value, 8)
  })

  it('says nothing of unseen pairs where every member has seen all', () => {
    const sums = [Float32Array.of(1, 0), Float32Array.of(2, 0)]
    const pair = { ...pairsNamed(1, 1)[0]!, target: 1 }
    const sample = { counts: [[1], [2]], batch: () => new Int32Array() }
    const { members, metrics } = scoreFit(sums, { pairs: [pair], sample, lapse: 0 })
    expect(members.map(({ unseen }) => unseen)).toEqual([undefined, undefined])
    expect(Object.keys(metrics)).toEqual(['reward/loss', 'reward/accuracy'])
  })
})

describe('rewardLearner', () => {
  const pairsOf = async (source: string, count: number) => {
    const pairs = await randomPairs(numbers)([walk(source, { steps: 200 })], count, 0)
    return pairs.map(([first, second]) => {
      const gap = trueReturn(first) - trueReturn(second)
      return { first, second, target: gap > 0 ? 1 : 0, answers: 1 }
    })
  }

  it('learns s·a from comparisons, and brings its rewards to mean 0 and deviation 1', async () => {
    const learner = rewardLearner(spaces, rewardNetwork(spaces), numbers)
    const recorded = walk('train', { steps: 200 })
    learner.observe(recorded)
    const metrics = await learner.fit(await pairsOf('train', 250), 0)
    expect(metrics['reward/accuracy']).toBeGreaterThan(0.9)
    expect(metrics['reward/validation_accuracy']).toBeGreaterThan(0.8)
    await learner.calibrate([recorded])
    const rewards = [...(await learner.reward(recorded.rollout))]
    const mean = rewards.reduce((a, b) => a + b, 0) / rewards.length
    expect(mean).toBeCloseTo(0, 3)
    expect(correlation(rewards, [...recorded.rollout.rewards])).toBeGreaterThan(0.9)
    const unseen = await pairsOf('test', 100)
    const returns = await learner.returns(unseen.flatMap(({ first, second }) => [first, second]))
    const right = unseen.filter(
      ({ target }, i) => returns[0]![2 * i]! > returns[0]![2 * i + 1]! === target > 0.5,
    )
    expect(right.length).toBeGreaterThan(80)
    await learner.dispose()
  })

  it('refuses clips that are longer than it was made for', async () => {
    const learner = rewardLearner(spaces, rewardNetwork(spaces), { ...numbers, length: 4 })
    await expect(learner.fit(await pairsOf('train', 1), 0)).rejects.toThrow(
      'has 10 steps, the reward learner takes at most 4',
    )
    await learner.dispose()
    const heavy = () => rewardLearner(spaces, rewardNetwork(spaces), { ...numbers, weightDecay: 0.1 })
    expect(heavy).toThrow('a weight decay of 0.1: expected 0 to 0.01')
  })
})

describe('fragmenters', () => {
  it('pair different clips, the same for the same seed, and none where rollouts are too short', async () => {
    const draw = randomPairs({ seed: 2, length: 10 })
    const pairs = await draw([walk('a')], 20, 3)
    expect(pairs.every(([first, second]) => first.id !== second.id)).toBe(true)
    expect((await draw([walk('a')], 20, 3)).flat().map(({ id }) => id)).toEqual(
      pairs.flat().map(({ id }) => id),
    )
    expect(await draw([walk('a', { steps: 5 })], 3, 0)).toEqual([])
    const few = await draw([walk('a', { steps: 11 })], 100, 0) // 4 places, 6 pairs
    const names = few.map((pair) =>
      pair
        .map(({ id }) => id)
        .sort()
        .join(' '),
    )
    expect([names.length, new Set(names).size]).toEqual([6, 6])
  })

  it('ask about what the ensemble disagrees on', async () => {
    const returns = async (clips: readonly Clip[]) =>
      [1, -1].map((sign) => Float32Array.from(clips, (clip) => sign * trueReturn(clip)))
    const members = { returns, fitted: () => true }
    const pairs = await disagreementPairs(members, { seed: 2, length: 10 })([walk('a')], 5, 0)
    const gap = ([first, second]: (typeof pairs)[number]) => Math.abs(trueReturn(first) - trueReturn(second))
    const all = await randomPairs({ seed: 2, length: 10 })([walk('a')], 50, 0)
    const widest = all.map(gap).sort((a, b) => b - a)
    expect(pairs.map(gap)).toEqual(widest.slice(0, 5))
    const unfitted = { returns, fitted: () => false }
    const first = await disagreementPairs(unfitted, { seed: 2, length: 10 })([walk('a')], 5, 0)
    expect(first).toEqual(await randomPairs({ seed: 2, length: 10 })([walk('a')], 5, 0))
  })
})

describe('preferenceComparisons', () => {
  const walker = (iterations: number): PolicyLearner & { rewards: number[][] } => {
    let iteration = 0
    const rewards: number[][] = []
    return {
      rewards,
      learn: async (reward) => {
        if (iteration === iterations) return undefined
        const recorded = walk(`i${iteration++}`)
        rewards.push(reward ? [...(await reward(recorded.rollout))] : [])
        return { recorded, metrics: {} }
      },
      close: async () => {},
    }
  }
  const roles = (iterations: number) => {
    const rewards = rewardLearner(spaces, rewardNetwork(spaces), {
      ...numbers,
      firstUpdates: 100,
      updates: 20,
    })
    return {
      policy: walker(iterations),
      fragmenter: randomPairs({ seed: 1, length: 10 }),
      gatherer: simulatedGatherer(oracle, { seed: 1 }),
      rewards,
    }
  }

  it('gives nothing before the first labels, and then ever better rewards that never were the task’s', async () => {
    const parts = roles(4)
    const records = []
    for await (const record of preferenceComparisons(parts, { schedule: [60, 60, 60, 60], firstLabels: 1 }))
      records.push(record)
    expect(records.map(({ metrics }) => metrics['labels/given'])).toEqual([60, 120, 180, 240])
    const [first, ...later] = parts.policy.rewards
    expect(first).toEqual([])
    for (const [i, rewards] of later.entries())
      expect(correlation(rewards, [...walk(`i${i + 1}`).rollout.rewards])).toBeGreaterThan(0.6)
    await parts.rewards.dispose()
  })

  it('goes on while answers are late, and asks again for what it could not ask', async () => {
    const parts = roles(3)
    let iteration = 0
    const short = async () =>
      ({ recorded: walk(`s${iteration}`, { steps: iteration++ === 0 ? 5 : 60 }), metrics: {} }) as const
    let asked = 0
    const late = {
      ask: (pairs: readonly unknown[]) => {
        asked += pairs.length
      },
      answers: async () => [],
      waiting: () => asked,
    }
    const waiting: number[] = []
    for await (const { metrics } of preferenceComparisons(
      { ...parts, policy: { ...parts.policy, learn: short }, gatherer: late },
      { schedule: [5, 5, 5], firstLabels: 0 },
    ))
      waiting.push(metrics['labels/waiting']!)
    expect(waiting).toEqual([0, 10, 15])
    await parts.rewards.dispose()
  })

  it('waits for first labels that can be learnt from: none that are taken back, or whose clips are gone', async () => {
    const parts = roles(2)
    const wanted: number[] = []
    const useless = (id: string): ClipJudgment[] => [
      judged(['gone', 'too'], 0, { id }),
      { ...judged(['gone', 'too'], 0), kind: 'retraction', supersedes: id } as unknown as ClipJudgment,
      judged(['gone', 'too'], 1),
    ]
    const gatherer = {
      ask: () => {},
      answers: async (atLeast = 0) => {
        wanted.push(atLeast)
        return useless(String(wanted.length))
      },
      waiting: () => 0,
    }
    for await (const { metrics } of preferenceComparisons(
      { ...parts, gatherer },
      { schedule: [4, 4], firstLabels: 4 },
    ))
      expect(metrics['labels/given']).toBe(0)
    expect(wanted).toEqual([4, 4])
    await parts.rewards.dispose()
  })

  it('says which score of the simulated annotator is not a number', () => {
    const gatherer = simulatedGatherer(oracle, { seed: 1, score: () => Number.NaN })
    const clip = clipPlaces([walk('a')], 5).at(0)
    expect(() => gatherer.ask([[clip, clip]])).toThrow('scores a-e0-t0+5 a-e0-t0+5 as NaN and NaN')
  })
})

function correlation(a: readonly number[], b: readonly number[]): number {
  const centred = (values: readonly number[]) => {
    const mean = values.reduce((x, y) => x + y, 0) / values.length
    return values.map((value) => value - mean)
  }
  const [x, y] = [centred(a), centred(b)]
  const product = (p: readonly number[], q: readonly number[]) =>
    p.reduce((sum, value, i) => sum + value * q[i]!, 0)
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y))
}
