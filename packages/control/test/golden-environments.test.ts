import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { makeEnvironment } from '../src/index.ts'

interface Trajectory {
  readonly start: Readonly<Record<string, readonly number[]>>
  readonly first: readonly number[]
  readonly actions: readonly (readonly number[])[]
  readonly observations: readonly (readonly number[])[]
  readonly rewards: readonly number[]
  readonly terminated: boolean
}

const { trajectories } = JSON.parse(
  readFileSync(new URL('../fixtures/environments.json', import.meta.url), 'utf8'),
) as { readonly trajectories: Readonly<Record<string, Trajectory>> }

/** The largest |a − b|/max(1, |b|). */
function distance(a: ArrayLike<number>, b: readonly number[]): number {
  expect(a.length).toBe(b.length)
  return b.reduce((most, x, i) => Math.max(most, Math.abs(a[i]! - x) / Math.max(1, Math.abs(x))), 0)
}

describe('Gymnasium 1.4 with MuJoCo 3.14: the same start and actions give the same observations and rewards', () => {
  for (const [id, golden] of Object.entries(trajectories)) {
    test(id, async () => {
      const environment = await makeEnvironment(id)
      environment.reset(0)
      const { seed, episode, elapsed } = environment.state!()
      environment.restore!({ seed: seed!, episode: episode!, elapsed: elapsed!, ...golden.start })
      let last = false
      golden.actions.forEach((action, t) => {
        const isBox = environment.actionSpace.kind === 'box'
        const step = environment.step(isBox ? Float32Array.from(action) : action[0]!)
        expect(distance(step.observation, golden.observations[t]!), `observation ${t}`).toBeLessThan(1e-5)
        expect(distance([step.reward], [golden.rewards[t]!]), `reward ${t}`).toBeLessThan(1e-5)
        last = step.terminated
      })
      expect(last).toBe(golden.terminated)
      environment.close?.()
    })
  }
})
