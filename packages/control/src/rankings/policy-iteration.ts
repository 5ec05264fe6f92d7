import type { Preference } from '@attune/feedback'
import { randomKey } from '@attune/grad'
import type { EnvironmentState } from '../envs/environment.ts'
import { addScaled, checkLinearRun, dot, greedyAction, type LinearRun } from '../tamer/linear.ts'

/** What happened after an action in a state: observations and the task's own rewards, which only the judge may look at. */
export interface Trace {
  readonly observations: readonly Float32Array[]
  readonly rewards: readonly number[]
  readonly terminated: boolean
}

/** What the iteration works on; `weights` of the ranker f(s, a) = w·φ(s, a) change in place. */
export interface PolicyIterationRun extends LinearRun {
  /** Which of two traces is better. */
  readonly compare: (a: Trace, b: Trace) => Preference | Promise<Preference>
}

/** Numbers of the iteration. */
export interface PolicyIterationOptions {
  readonly seed: number
  readonly iterations: number
  /** States from which all actions are tried, drawn from what the current policy visits. */
  readonly states: number
  /**
   * Traces of each action, compared one by one, each in another future of the environment; the same two are compared once and count
   * for all.
   */
  readonly rollouts: number
  /** Steps of a trace. */
  readonly horizon: number
  /** Probability of a random action while states are gathered. */
  readonly exploration: number
  readonly learningRate: number
  readonly epochs: number
}

interface ActionPreference {
  readonly better: Float32Array
  readonly worse: Float32Array
}

/**
 * Preference-based policy iteration (Cheng, Fürnkranz, Hüllermeier and Park 2011): from visited states try every action, compare what
 * comes of them, and learn to rank the actions; the best-ranked one is the next policy. Preferences of all iterations are kept.
 */
export async function* preferenceBasedPolicyIteration(
  run: PolicyIterationRun,
  options: PolicyIterationOptions,
): AsyncGenerator<{ readonly step: number; readonly metrics: Readonly<Record<string, number>> }> {
  checkLinearRun(run)
  const { environment, features, weights, compare } = run
  if (!environment.state || !environment.restore)
    throw new TypeError(
      `${environment.id}: every action of a state is tried, which needs an environment that restores states`,
    )
  const known: ActionPreference[] = []
  let comparisons = 0
  for (let iteration = 0; iteration < options.iterations; iteration++) {
    for (const { state, observation } of gatherStates(run, options, iteration)) {
      const traces = Array.from({ length: features.actions }, (_, action) =>
        tracesOf(run, { state, action, iteration }, options),
      )
      for (let a = 0; a < features.actions; a++)
        for (let b = a + 1; b < features.actions; b++) {
          const { wins, asked } = await compareAll(compare, traces[a]!, traces[b]!)
          comparisons += asked
          if (wins === 0) continue
          const [better, worse] = wins > 0 ? [a, b] : [b, a]
          known.push({ better: features.of(observation, better), worse: features.of(observation, worse) })
        }
    }
    const accuracy = learnRanking(weights, known, options, iteration)
    yield {
      step: iteration + 1,
      metrics: { 'labels/given': comparisons, 'ranker/pairs': known.length, 'ranker/accuracy': accuracy },
    }
  }
}

/** States on the current policy's way, every step one. */
function gatherStates(
  { environment, features, weights }: PolicyIterationRun,
  { seed, states, exploration }: PolicyIterationOptions,
  iteration: number,
): { state: EnvironmentState; observation: Float32Array }[] {
  const random = randomKey(seed, 'states', iteration)
  const found: { state: EnvironmentState; observation: Float32Array }[] = []
  let observation = environment.reset(seed * 1000 + iteration)
  while (found.length < states) {
    found.push({ state: environment.state!(), observation })
    const explore = random.uniform() < exploration
    const action = explore
      ? random.int(features.actions)
      : greedyAction(weights, { observation, features, random })
    const step = environment.step(action)
    observation = step.terminated || step.truncated ? environment.reset() : step.observation
  }
  return found
}

/** Traces of an action; those that are alike are one object. */
function tracesOf(
  run: PolicyIterationRun,
  { state, action, iteration }: { state: EnvironmentState; action: number; iteration: number },
  { seed, rollouts, horizon }: PolicyIterationOptions,
): Trace[] {
  const known = new Map<string, Trace>()
  return Array.from({ length: rollouts }, (_, k) => {
    const found = trace(run, { state, action, key: [seed, iteration, k], horizon })
    const text = JSON.stringify(found)
    return known.get(text) ?? known.set(text, found).get(text)!
  })
}

/** By how many rollouts the first action's traces are better than the second's, and how many pairs were asked about. */
async function compareAll(
  compare: PolicyIterationRun['compare'],
  first: readonly Trace[],
  second: readonly Trace[],
): Promise<{ wins: number; asked: number }> {
  const answers: Preference[] = []
  let asked = 0
  for (let k = 0; k < first.length; k++) {
    const like = answers.findIndex((_, j) => first[j] === first[k] && second[j] === second[k])
    if (like < 0) asked++
    answers.push(like < 0 ? await compare(first[k]!, second[k]!) : answers[like]!)
  }
  const count = (side: Preference) => answers.filter((answer) => answer === side).length
  return { wins: count(0) - count(1), asked }
}

function trace(
  { environment, features, weights }: PolicyIterationRun,
  {
    state,
    action,
    key,
    horizon,
  }: { state: EnvironmentState; action: number; key: readonly number[]; horizon: number },
): Trace {
  const random = randomKey(key[0]!, 'trace', ...key)
  environment.restore!(state, key.at(-1) === 0 ? undefined : random.int(2 ** 31))
  const observations: Float32Array[] = []
  const rewards: number[] = []
  let next = action
  for (let t = 0; t < horizon; t++) {
    const { observation, reward, terminated, truncated } = environment.step(next)
    observations.push(observation)
    rewards.push(reward)
    if (terminated || truncated) return { observations, rewards, terminated }
    next = greedyAction(weights, { observation, features, random })
  }
  return { observations, rewards, terminated: false }
}

/** Logistic ranking from zero: epochs of w ← w + α·σ(−w·d)·d over d = φ(better) − φ(worse). Returns the share ranked rightly. */
function learnRanking(
  weights: Float32Array,
  known: readonly ActionPreference[],
  { seed, learningRate, epochs }: PolicyIterationOptions,
  iteration: number,
): number {
  weights.fill(0)
  const differences = known.map(({ better, worse }) => better.map((x, i) => x - worse[i]!))
  for (let epoch = 0; epoch < epochs; epoch++)
    for (const i of randomKey(seed, 'ranking', iteration, epoch).permutation(differences.length)) {
      const difference = differences[i]!
      addScaled(weights, difference, learningRate / (1 + Math.exp(dot(weights, difference))))
    }
  const right = differences.filter((difference) => dot(weights, difference) > 0).length
  return differences.length === 0 ? 0 : right / differences.length
}
