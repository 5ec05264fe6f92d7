import {
  dot,
  type Environment,
  preferenceBasedPolicyIteration,
  radialFeatures,
  type StateActionFeatures,
  type Trace,
} from '@attune/control'

/** Mean steps that the pole stays up, of 20 episodes, against the comparisons so far. */
export async function iterate(
  environment: Environment,
  { seed, states }: { readonly seed: number; readonly states: number },
): Promise<(readonly [number, number])[]> {
  const features = radialFeatures(environment.observationSpace, 2, 3)
  const weights = new Float32Array(features.size)
  const curve: (readonly [number, number])[] = [[0, balanced(environment, features, weights)]]
  const iteration = preferenceBasedPolicyIteration(
    { environment, features, weights, compare: longer },
    { seed, iterations: 6, states, rollouts: 1, horizon: 40, exploration: 0.2, learningRate: 1, epochs: 20 },
  )
  for await (const { metrics } of iteration)
    curve.push([metrics['labels/given']!, balanced(environment, features, weights)])
  return curve
}

/** The trace that goes on longer is better. */
function longer(a: Trace, b: Trace) {
  if (a.rewards.length === b.rewards.length) return 'tie'
  return a.rewards.length > b.rewards.length ? 0 : 1
}

function balanced(environment: Environment, features: StateActionFeatures, weights: Float32Array): number {
  let steps = 0
  for (let episode = 0; episode < 20; episode++) {
    let observation = environment.reset(1_000_000 + episode)
    for (let over = false; !over; steps++) {
      const [left, right] = [0, 1].map((action) => dot(weights, features.of(observation, action)))
      const step = environment.step(right! > left! ? 1 : 0)
      observation = step.observation
      over = step.terminated || step.truncated
    }
  }
  return steps / 20
}
