import type { Drawing } from '@attune/feedback'
import { bounded } from '../bounded.ts'
import type { Environment } from '../environment.ts'
import { episodes } from '../episodes.ts'
import { box } from '../space.ts'

const gravity = 10
const seconds = 0.05
const fastest = 8
const strongest = 2

/**
 * Pendulum-v1: swing a pendulum (1 kg, 1 m) up and hold it. Observation [cos θ, sin θ, θ̇], θ = 0 upright; action: a torque in
 * ±2 N m; reward −(θ² + 0.1 θ̇² + 0.001 u²). It never ends.
 */
export function pendulum(): Environment {
  const random = episodes('Pendulum-v1')
  let [theta, speed] = [Math.PI, 0]
  const observe = () => Float32Array.of(Math.cos(theta), Math.sin(theta), speed)
  return {
    id: 'Pendulum-v1',
    observationSpace: box([3], [-1, -1, -fastest], [1, 1, fastest]),
    actionSpace: box([1], -strongest, strongest),
    reset: (seed) => {
      const { uniform } = random.next(seed)
      theta = Math.PI * (2 * uniform() - 1)
      speed = 2 * uniform() - 1
      return observe()
    },
    step: (action) => {
      const torque = bounded((action as Float32Array)[0]!, strongest)
      const reward = -(wrapped(theta) ** 2 + 0.1 * speed ** 2 + 0.001 * torque ** 2)
      // θ̈ = (3g/2l) sin θ + (3/ml²) u
      speed = bounded(speed + (1.5 * gravity * Math.sin(theta) + 3 * torque) * seconds, fastest)
      theta += speed * seconds
      return { observation: observe(), reward, terminated: false, truncated: false }
    },
    drawing: () => pendulumDrawing(theta),
    state: () => ({ ...random.state(), state: [theta, speed] }),
    restore: ({ state, ...episode }, future) => {
      random.restore(episode, future)
      ;[theta, speed] = state as [number, number]
    },
  }
}

/** The angle in [−π, π). */
function wrapped(angle: number): number {
  const turn = 2 * Math.PI
  return ((((angle + Math.PI) % turn) + turn) % turn) - Math.PI
}

function pendulumDrawing(theta: number): Drawing {
  return {
    view: { left: -1.4, right: 1.4, bottom: -1.2, top: 1.2 },
    background: '#ffffff',
    figures: [
      {
        kind: 'capsule',
        from: [0, 0],
        to: [-Math.sin(theta), Math.cos(theta)],
        radius: 0.1,
        fill: '#b5482f',
      },
      { kind: 'circle', x: 0, y: 0, radius: 0.05, fill: '#333333' },
    ],
  }
}
