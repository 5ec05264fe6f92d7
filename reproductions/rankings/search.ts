import { type Environment, epsilonMeans, preferenceBasedPolicySearch, type Shown } from '@attune/control'

const [observations, actions] = [6, 3]

/** Mean steps until the tip is above the bar, of 20 episodes by the best policy so far, against the comparisons so far. */
export async function search(
  environment: Environment,
  { seed, candidates }: { readonly seed: number; readonly candidates: number },
): Promise<(readonly [number, number])[]> {
  const play = async (parameters: Float32Array) => episode(environment, parameters, seed).states
  const curve: (readonly [number, number])[] = []
  const rounds = preferenceBasedPolicySearch(
    {
      initial: new Float32Array((observations + 1) * actions),
      play,
      compare: async (a, b) => (worth(a) > worth(b) ? 0 : worth(a) < worth(b) ? 1 : 'tie'),
      behaviours: epsilonMeans(0.6),
    },
    { seed, rounds: 60, candidates, sigma: 0.5, cost: 10, exploration: 0.3 },
  )
  for await (const { step, best } of rounds)
    if (step % 5 === 0) curve.push([step, stepsToGoal(environment, best.parameters)])
  return curve
}

/** What the expert sees: the sooner the tip is up the better; and where it never is, the higher it came. */
function worth({ states }: Shown): number {
  const heights = states.map(([cos1, sin1, cos2, sin2]) => -cos1! - (cos1! * cos2! - sin1! * sin2!))
  return states.length < 500 ? 1000 - states.length : Math.max(...heights)
}

/** An episode by the linear policy argmax (W·o + b), with the angles as the description of its behaviour. */
function episode(environment: Environment, parameters: Float32Array, seed: number) {
  const states: Float32Array[] = []
  let observation = environment.reset(seed)
  for (let over = false; !over; ) {
    states.push(observation.slice(0, 4))
    const scores = Array.from({ length: actions }, (_, action) => {
      const at = action * (observations + 1)
      return observation.reduce((sum, x, i) => sum + x * parameters[at + i]!, parameters[at + observations]!)
    })
    const step = environment.step(scores.indexOf(Math.max(...scores)))
    observation = step.observation
    over = step.terminated || step.truncated
  }
  return { states }
}

function stepsToGoal(environment: Environment, parameters: Float32Array): number {
  const lengths = Array.from(
    { length: 20 },
    (_, i) => episode(environment, parameters, 1_000_000 + i).states.length,
  )
  return lengths.reduce((a, b) => a + b, 0) / lengths.length
}
