import type { Drawing } from '@attune/feedback'
import type { Environment } from '../environment.ts'
import { episodes } from '../episodes.ts'
import { box, discrete } from '../space.ts'

const [lowest, highest, goal] = [-1.2, 0.6, 0.5]
const fastest = 0.07

/**
 * MountainCar-v0: a weak car swings out of a valley (Moore 1990). Observation [position, velocity]; actions: push left, none,
 * right; reward −1 a step until the position is 0.5.
 */
export function mountainCar(): Environment {
  const random = episodes('MountainCar-v0')
  let [position, velocity] = [-0.5, 0]
  return {
    id: 'MountainCar-v0',
    observationSpace: box([2], [lowest, -fastest], [highest, fastest]),
    actionSpace: discrete(3),
    reset: (seed) => {
      position = -0.6 + 0.2 * random.next(seed).uniform()
      velocity = 0
      return Float32Array.of(position, velocity)
    },
    step: (action) => {
      velocity += ((action as number) - 1) * 0.001 - 0.0025 * Math.cos(3 * position)
      velocity = Math.max(-fastest, Math.min(fastest, velocity))
      position = Math.max(lowest, Math.min(highest, position + velocity))
      if (position === lowest && velocity < 0) velocity = 0
      const terminated = position >= goal && velocity >= 0
      return { observation: Float32Array.of(position, velocity), reward: -1, terminated, truncated: false }
    },
    drawing: () => mountainCarDrawing(position),
    state: () => ({ ...random.state(), state: [position, velocity] }),
    restore: ({ state, ...episode }, future) => {
      random.restore(episode, future)
      ;[position, velocity] = state as [number, number]
    },
  }
}

function mountainCarDrawing(position: number): Drawing {
  const height = (x: number) => 0.45 * Math.sin(3 * x) + 0.55
  const hill = Array.from({ length: 61 }, (_, i) => lowest + (i * (highest - lowest)) / 60)
  return {
    view: { left: lowest, right: highest, bottom: -0.05, top: 1.3 },
    background: '#ffffff',
    figures: [
      {
        kind: 'polygon',
        points: [[lowest, -0.05], ...hill.map((x) => [x, height(x)] as const), [highest, -0.05]],
        fill: '#dfe7dd',
      },
      {
        kind: 'capsule',
        from: [goal, height(goal)],
        to: [goal, height(goal) + 0.2],
        radius: 0.008,
        fill: '#333333',
      },
      { kind: 'circle', x: position, y: height(position) + 0.05, radius: 0.05, fill: '#1f4e79' },
    ],
  }
}
