import { cpu, type NdArray, ndarray, type Parameters, randomKey, type Tensor, value } from '@attune/grad'
import { expect, test } from 'vitest'
import { makeEnvironment } from '../envs/make.ts'
import { box, discrete } from '../envs/space.ts'
import { compiledActing, mlpActorCritic } from './actor-critic.ts'
import { convolutionalActorCritic } from './convolutional.ts'
import { categorical, type Distribution, gaussian } from './distribution.ts'
import { orthogonal } from './orthogonal.ts'

const device = cpu({ threads: 1 })

test('orthogonal rows or columns have the gain as their length', () => {
  for (const [rows, columns] of [
    [3, 7],
    [7, 3],
    [5, 5],
  ] as const) {
    const { data } = orthogonal([rows, columns], { gain: 2, seed: 1, name: 'w' })
    const short = Math.min(rows, columns)
    const at = (i: number, k: number) => (rows <= columns ? data[i * columns + k]! : data[k * columns + i]!)
    for (let i = 0; i < short; i++)
      for (let j = 0; j < short; j++) {
        let dot = 0
        for (let k = 0; k < Math.max(rows, columns); k++) dot += at(i, k) * at(j, k)
        expect(dot).toBeCloseTo(i === j ? 4 : 0, 5)
      }
  }
})

test('plain loops give what the compiled network gives', async () => {
  const network = mlpActorCritic(
    { observationSpace: box([11], -1, 1), actionSpace: box([3], -1, 1) },
    { hidden: [20, 9] },
  )
  const parameters = network.initial(3)
  const { normal } = randomKey(1, 'observations')
  for (const array of Object.values(parameters))
    array.data.forEach((x, i) => {
      array.data[i] = x + 0.1 * normal()
    })
  const observations = Float32Array.from({ length: 5 * 11 }, normal)
  const acting = network.acting(parameters)
  const rows = await Promise.all(
    Array.from({ length: 5 }, (_, row) => acting.forward(observations.slice(row * 11, (row + 1) * 11))),
  )
  const plain = {
    heads: rows.flatMap(({ heads }) => [...heads]),
    values: rows.flatMap(({ values }) => [...values]),
  }
  const compiled = compiledActing(network, parameters)
  const other = await compiled.forward(observations)
  await compiled.dispose()
  expect(plain.heads).toHaveLength(15)
  expect(plain.values).toHaveLength(5)
  for (const name of ['heads', 'values'] as const)
    plain[name].forEach((x, i) => {
      expect(x).toBeCloseTo(other[name][i]!, 5)
    })
})

test('acting sees parameters that were changed in place, of few rows and of many', async () => {
  const network = mlpActorCritic({ observationSpace: box([2], -1, 1), actionSpace: discrete(2) })
  const parameters = network.initial(1)
  const acting = network.acting(parameters)
  for (const rows of [1, 5]) {
    parameters['critic.4.bias']!.data.fill(0)
    const { values: before } = await acting.forward(new Float32Array(2 * rows))
    parameters['critic.4.bias']!.data.fill(3)
    const { values: after } = await acting.forward(new Float32Array(2 * rows))
    expect([before[rows - 1], after[rows - 1]]).toEqual([0, 3])
  }
  await acting.dispose()
})

/** log π and H of the compiled distribution. */
async function compiled(
  distribution: Distribution,
  heads: Float32Array,
  actions: Float32Array,
  parameters: Parameters,
) {
  const program = value<[Parameters, NdArray, NdArray], { logProbs: Tensor; entropy: Tensor }>(
    (weights, h, a) => ({
      logProbs: distribution.logProbs(weights, h, a),
      entropy: distribution.entropy(weights, h),
    }),
    { device },
  )
  const rows = heads.length / distribution.headSize
  const { logProbs, entropy } = await program(
    parameters,
    ndarray(heads, [rows, distribution.headSize]),
    ndarray(actions, [rows, distribution.actionSize]),
  )
  return { logProbs: logProbs.data, entropy: entropy.data }
}

test('the Gaussian by hand: N(1, 2²) at 3 and N(−1, ½²) at −1', async () => {
  const distribution = gaussian(2)
  const parameters = { actor_logstd: ndarray([Math.log(2), Math.log(0.5)], [1, 2]) }
  const { logProbs, entropy } = await compiled(
    distribution,
    Float32Array.of(1, -1),
    Float32Array.of(3, -1),
    parameters,
  )
  // −½·1² − log 2 − ½ log 2π  +  0 − log ½ − ½ log 2π
  expect(logProbs[0]).toBeCloseTo(-0.5 - Math.log(2 * Math.PI), 5)
  expect(entropy[0]).toBeCloseTo(1 + Math.log(2 * Math.PI), 5)
})

test('drawn actions carry the log-probability that the program computes, and come as often as they should', async () => {
  const random = randomKey(2, 'draw')
  const normalParameters = { actor_logstd: ndarray([0.3, -0.7], [1, 2]) }
  const share = (actions: Float32Array, counts: (action: number, at: number) => boolean) =>
    actions.filter(counts).length / actions.length
  const total = Math.exp(0.2) + Math.exp(1.5) + Math.exp(-1)
  const cases = [
    {
      distribution: gaussian(2),
      heads: Float32Array.of(0.5, -2),
      parameters: normalParameters,
      // a half of all numbers is below the mean, Φ(−1) beyond a deviation below it
      shares: (actions: Float32Array) => [
        [share(actions, (a, i) => a < [0.5, -2][i % 2]!), 0.5],
        [share(actions, (a, i) => a < [0.5 - Math.exp(0.3), -2 - Math.exp(-0.7)][i % 2]!), 0.1587],
      ],
    },
    {
      distribution: categorical(3),
      heads: Float32Array.of(0.2, 1.5, -1),
      parameters: {},
      shares: (actions: Float32Array) =>
        [0.2, 1.5, -1].map((logit, n) => [share(actions, (a) => a === n), Math.exp(logit) / total]),
    },
  ]
  for (const { distribution, heads, parameters, shares } of cases) {
    const rows = 4000
    const all = new Float32Array(rows * distribution.headSize)
    for (let row = 0; row < rows; row++) all.set(heads, row * distribution.headSize)
    const actions = new Float32Array(rows * distribution.actionSize)
    const drawn = Array.from({ length: rows }, (_, row) =>
      distribution.draw(parameters, { heads: all, actions, row }, random),
    )
    const { logProbs, entropy } = await compiled(distribution, all, actions, parameters)
    drawn.forEach((logProb, row) => {
      expect(logProb).toBeCloseTo(logProbs[row]!, 4)
    })
    // H = −E log π
    const mean = drawn.reduce((a, b) => a + b, 0) / rows
    expect(-mean).toBeCloseTo(entropy[0]!, 1)
    for (const [found, expected] of shares(actions)) expect(Math.abs(found! - expected!)).toBeLessThan(0.02)
  }
})

test('the convolutional policy sees a picture the same wherever its filters look', async () => {
  const spaces = { observationSpace: box([4, 10, 9], 0, 1), actionSpace: discrete(6) }
  const network = convolutionalActorCritic(spaces, { filters: 4, hidden: 8 })
  const parameters = network.initial(1)
  // a trunk that adds up what a filter sees in all its 8 × 7 places
  parameters['network.3.weight']!.data.forEach((_, at, data) => {
    data[at] = data[at - (at % 56)]!
  })
  const acting = network.acting(parameters)
  /** Two pixels in planes of their own, from a row and a column on; no window is cut off by the edge. */
  const picture = (row: number, column: number) => {
    const board = new Float32Array(360)
    board[90 + 9 * row + column] = 1
    board[270 + 9 * (row + 1) + column + 1] = 1
    return board
  }
  const [here, there, other] = [picture(2, 3), picture(5, 4), picture(2, 3).reverse()]
  const { heads, values } = await acting.forward(Float32Array.of(...here, ...there, ...other))
  await acting.dispose()
  for (let i = 0; i < 6; i++) expect(heads[6 + i]).toBeCloseTo(heads[i]!, 6)
  expect(values[1]).toBeCloseTo(values[0]!, 5)
  expect(Math.abs(values[2]! - values[0]!)).toBeGreaterThan(0.01)
})

test('the convolutional policy sees nothing in an empty picture, and needs boards for its filters', async () => {
  const spaces = { observationSpace: box([4, 10, 10], 0, 1), actionSpace: discrete(6) }
  const network = convolutionalActorCritic(spaces, { filters: 4, hidden: 8 })
  const parameters = network.initial(1)
  expect(parameters['network.0.weight']!.shape).toEqual([4, 4, 3, 3])
  const acting = network.acting(parameters)
  const picture = new Float32Array(2 * 400)
  picture[400 + 123] = 1
  const { heads, values } = await acting.forward(picture)
  await acting.dispose()
  expect(heads).toHaveLength(12)
  expect(values[0]).toBe(0) // nothing seen, biases 0
  expect(values[1]).not.toBe(0)
  expect(() =>
    convolutionalActorCritic({ observationSpace: box([4], 0, 1), actionSpace: discrete(2) }),
  ).toThrow('needs observations [channels, height, width], these are [4]')
  const board = (height: number, width: number) => () =>
    convolutionalActorCritic({ ...spaces, observationSpace: box([4, height, width], 0, 1) })
  expect(board(2, 5)).toThrow('needs boards of at least 3 × 3, these are 2 × 5')
  expect(board(5, 2)).toThrow('these are 5 × 2')
  expect(board(3, 3)).not.toThrow()
})

test('MinAtar’s planes are the channels: what a filter sees is one place, not one plane', async () => {
  const breakout = await makeEnvironment('MinAtar/Breakout')
  const network = convolutionalActorCritic(breakout, { filters: 1, hidden: 64 })
  const parameters = network.initial(1)
  expect(parameters['network.0.weight']!.shape).toEqual([1, 4, 3, 3])
  // A filter that looks for the ball (plane 1) in the middle of its window, and a trunk that passes the 64 places on.
  parameters['network.0.weight']!.data.fill(0)
  parameters['network.0.weight']!.data[9 + 4] = 1
  parameters['network.3.weight']!.data.forEach((_, at, data) => {
    data[at] = Number(at % 65 === 0)
  })
  parameters['critic.weight']!.data.forEach((_, at, data) => {
    data[at] = at
  })
  const acting = network.acting(parameters)
  const board = new Float32Array(400)
  board[100 + 10 * 3 + 5] = 1 // the ball in row 3, column 5
  board[200 + 10 * 6 + 6] = 1 // the trail elsewhere
  const { values } = await acting.forward(board)
  await acting.dispose()
  expect(values[0]).toBe(8 * (3 - 1) + (5 - 1))
})
