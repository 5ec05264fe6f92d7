import type { Drawing } from '@attune/feedback'
import type { Environment } from '../environment.ts'
import { episodes } from '../episodes.ts'
import { box, discrete } from '../space.ts'

const gravity = 9.8
const poleMass = 0.1
const totalMass = 1.1
const halfLength = 0.5
const force = 10
const seconds = 0.02
const mostPosition = 2.4
const mostAngle = (12 * 2 * Math.PI) / 360

/**
 * CartPole-v1: keep a pole upright on a cart (Barto, Sutton and Anderson 1983; equations of Florian 2007 without friction).
 * Observation [x, ẋ, θ, θ̇]; action 0 pushes left, 1 right; reward 1 a step until |x| > 2.4 or |θ| > 12°.
 */
export function cartPole(): Environment {
  const random = episodes('CartPole-v1')
  let state: readonly number[] = [0, 0, 0, 0]
  const step = (action: number): void => {
    const [x, xDot, theta, thetaDot] = state as [number, number, number, number]
    const push = action === 1 ? force : -force
    const [sin, cos] = [Math.sin(theta), Math.cos(theta)]
    const common = (push + poleMass * halfLength * thetaDot ** 2 * sin) / totalMass
    const thetaAcceleration =
      (gravity * sin - cos * common) / (halfLength * (4 / 3 - (poleMass * cos ** 2) / totalMass))
    const xAcceleration = common - (poleMass * halfLength * thetaAcceleration * cos) / totalMass
    state = [
      x + seconds * xDot,
      xDot + seconds * xAcceleration,
      theta + seconds * thetaDot,
      thetaDot + seconds * thetaAcceleration,
    ]
  }
  return {
    id: 'CartPole-v1',
    observationSpace: box(
      [4],
      [-2 * mostPosition, -Infinity, -2 * mostAngle, -Infinity],
      [2 * mostPosition, Infinity, 2 * mostAngle, Infinity],
    ),
    actionSpace: discrete(2),
    reset: (seed) => {
      const { uniform } = random.next(seed)
      state = Array.from({ length: 4 }, () => 0.1 * uniform() - 0.05)
      return Float32Array.from(state)
    },
    step: (action) => {
      step(action as number)
      const terminated = Math.abs(state[0]!) > mostPosition || Math.abs(state[2]!) > mostAngle
      return { observation: Float32Array.from(state), reward: 1, terminated, truncated: false }
    },
    drawing: () => cartPoleDrawing(state[0]!, state[2]!),
    state: () => ({ ...random.state(), state }),
    restore: ({ state: saved, ...episode }, future) => {
      random.restore(episode, future)
      state = saved as readonly number[]
    },
  }
}

function cartPoleDrawing(x: number, theta: number): Drawing {
  const tip = [x + 2 * halfLength * Math.sin(theta), 0.15 + 2 * halfLength * Math.cos(theta)] as const
  return {
    view: { left: -2.6, right: 2.6, bottom: -0.5, top: 1.6 },
    background: '#ffffff',
    figures: [
      { kind: 'capsule', from: [-2.6, 0], to: [2.6, 0], radius: 0.01, fill: '#555555' },
      {
        kind: 'polygon',
        points: [
          [x - 0.3, -0.15],
          [x + 0.3, -0.15],
          [x + 0.3, 0.15],
          [x - 0.3, 0.15],
        ],
        fill: '#1f4e79',
      },
      { kind: 'capsule', from: [x, 0.15], to: tip, radius: 0.06, fill: '#c8743c' },
      { kind: 'circle', x, y: 0.15, radius: 0.05, fill: '#eeeeee' },
    ],
  }
}
