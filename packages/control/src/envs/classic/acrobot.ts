import type { Drawing } from '@attune/feedback'
import { bounded } from '../bounded.ts'
import type { Environment } from '../environment.ts'
import { episodes } from '../episodes.ts'
import { box, discrete } from '../space.ts'

const [fastestUpper, fastestLower] = [4 * Math.PI, 9 * Math.PI]
const seconds = 0.2
const gravity = 9.8

type State = readonly [angle: number, bend: number, angleSpeed: number, bendSpeed: number]

/**
 * Acrobot-v1: two links (1 kg, 1 m each) hang; a torque at the middle joint swings the tip above the bar (Sutton 1996, the
 * book's equations). Observation [cos θ₁, sin θ₁, cos θ₂, sin θ₂, θ̇₁, θ̇₂]; torque −1, 0 or 1; reward −1 a step, 0 at the goal.
 */
export function acrobot(): Environment {
  const random = episodes('Acrobot-v1')
  let state: State = [0, 0, 0, 0]
  const observe = () => {
    const [angle, bend, ...speeds] = state
    return Float32Array.of(Math.cos(angle), Math.sin(angle), Math.cos(bend), Math.sin(bend), ...speeds)
  }
  return {
    id: 'Acrobot-v1',
    observationSpace: box(
      [6],
      [-1, -1, -1, -1, -fastestUpper, -fastestLower],
      [1, 1, 1, 1, fastestUpper, fastestLower],
    ),
    actionSpace: discrete(3),
    reset: (seed) => {
      const { uniform } = random.next(seed)
      const draw = () => 0.2 * uniform() - 0.1
      state = [draw(), draw(), draw(), draw()]
      return observe()
    },
    step: (action) => {
      const [angle, bend, angleSpeed, bendSpeed] = rungeKutta(state, (action as number) - 1)
      state = [
        wrapped(angle),
        wrapped(bend),
        bounded(angleSpeed, fastestUpper),
        bounded(bendSpeed, fastestLower),
      ]
      const terminated = -Math.cos(state[0]) - Math.cos(state[0] + state[1]) > 1
      return { observation: observe(), reward: terminated ? 0 : -1, terminated, truncated: false }
    },
    drawing: () => acrobotDrawing(state),
    state: () => ({ ...random.state(), state }),
    restore: ({ state: saved, ...episode }, future) => {
      random.restore(episode, future)
      state = saved as unknown as State
    },
  }
}

/** One step of the classical Runge–Kutta method. */
function rungeKutta(state: State, torque: number): State {
  const ahead = (slope: State, by: number) => state.map((x, i) => x + by * slope[i]!) as unknown as State
  const k1 = slopes(state, torque)
  const k2 = slopes(ahead(k1, seconds / 2), torque)
  const k3 = slopes(ahead(k2, seconds / 2), torque)
  const k4 = slopes(ahead(k3, seconds), torque)
  return state.map(
    (x, i) => x + (seconds / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!),
  ) as unknown as State
}

/** Time derivative of the state: masses, lengths and moments 1, centres of mass at ½ (Sutton and Barto, example 11.3). */
function slopes([angle, bend, angleSpeed, bendSpeed]: State, torque: number): State {
  const [sin, cos] = [Math.sin(bend), Math.cos(bend)]
  const d1 = 0.25 + (1 + 0.25 + cos) + 2
  const d2 = 0.25 + 0.5 * cos + 1
  const phi2 = 0.5 * gravity * Math.cos(angle + bend - Math.PI / 2)
  const phi1 =
    -0.5 * bendSpeed ** 2 * sin -
    bendSpeed * angleSpeed * sin +
    1.5 * gravity * Math.cos(angle - Math.PI / 2) +
    phi2
  const bendAcceleration =
    (torque + (d2 / d1) * phi1 - 0.5 * angleSpeed ** 2 * sin - phi2) / (0.25 + 1 - d2 ** 2 / d1)
  return [angleSpeed, bendSpeed, -(d2 * bendAcceleration + phi1) / d1, bendAcceleration]
}

/** The angle in [−π, π]. */
function wrapped(angle: number): number {
  let x = angle
  while (x > Math.PI) x -= 2 * Math.PI
  while (x < -Math.PI) x += 2 * Math.PI
  return x
}

function acrobotDrawing([angle, bend]: State): Drawing {
  const elbow = [Math.sin(angle), -Math.cos(angle)] as const
  const tip = [elbow[0] + Math.sin(angle + bend), elbow[1] - Math.cos(angle + bend)] as const
  return {
    view: { left: -2.9, right: 2.9, bottom: -2.2, top: 2.2 },
    background: '#ffffff',
    figures: [
      { kind: 'capsule', from: [-2.9, 1], to: [2.9, 1], radius: 0.01, fill: '#888888' },
      { kind: 'capsule', from: [0, 0], to: elbow, radius: 0.1, fill: '#1f8a8a' },
      { kind: 'capsule', from: elbow, to: tip, radius: 0.1, fill: '#1f4e79' },
      { kind: 'circle', x: 0, y: 0, radius: 0.08, fill: '#caa53d' },
      { kind: 'circle', x: elbow[0], y: elbow[1], radius: 0.08, fill: '#caa53d' },
    ],
  }
}
