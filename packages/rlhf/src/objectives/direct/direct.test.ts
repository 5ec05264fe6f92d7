import { ndarray, type Tensor, value } from '@attune/grad'
import { describe, expect, test } from 'vitest'
import { alphaDivergence, forwardKl, jensenShannon } from './divergence.ts'
import {
  apoDown,
  apoZero,
  bcoPair,
  conservativeDpo,
  discoPop,
  dpo,
  exo,
  hinge,
  ipo,
  lengthNormalisedDpo,
  nca,
  robustDpo,
  sppoHard,
} from './dpo.ts'
import type { PairLoss } from './pair.ts'
import { alphaPo, completionLoss, cpo, orpo, simPo, sumOfLosses } from './reference-free.ts'
import { kto } from './unpaired.ts'

interface Numbers {
  readonly logp: number
  readonly reference: number
  readonly length: number
}

/** A pair's loss on plain numbers. */
async function lossOf(loss: PairLoss, chosen: Numbers, rejected: Numbers): Promise<number> {
  const arrays = (scored: Numbers) => ({
    logp: ndarray([scored.logp], [1]),
    reference: ndarray([scored.reference], [1]),
    length: ndarray([scored.length], [1]),
  })
  const program = value<[ReturnType<typeof arrays>, ReturnType<typeof arrays>], Tensor>(loss)
  return (await program(arrays(chosen), arrays(rejected))).data[0]!
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
// log-ratios 2 and −1, so h = 3; per token 0.5 and −0.5
const chosen = { logp: -6, reference: -8, length: 4 }
const rejected = { logp: -5, reference: -4, length: 2 }
const beta = 0.5

describe('on the reference, where every log-ratio is 0', () => {
  const same = { logp: -6, reference: -6, length: 4 }
  test.each<[string, PairLoss, number]>([
    ['dpo', dpo({ beta }), Math.LN2],
    ['dpo, Jensen–Shannon', dpo({ beta, divergence: jensenShannon }), Math.LN2],
    ['hinge', hinge({ beta }), 1],
    ['ipo', ipo({ tau: 0.1 }), 25],
    ['cdpo', conservativeDpo({ beta, flip: 0.2 }), Math.LN2],
    ['robust', robustDpo({ beta, flip: 0.2 }), Math.LN2],
    ['nca', nca({ beta }), 2 * Math.LN2],
    ['bco', bcoPair({ beta }), 2 * Math.LN2],
    ['apo-zero', apoZero({ beta }), 1],
    ['apo-down', apoDown({ beta }), 1],
    ['discopop', discoPop({ beta }), 0.5 * Math.LN2 + 0.5],
  ])('%s', async (_, loss, expected) => {
    expect(await lossOf(loss, same, same)).toBeCloseTo(expected, 5)
  })
})

describe('worked by hand', () => {
  const h = 3 * beta
  test.each<[string, PairLoss, number]>([
    ['dpo', dpo({ beta }), -Math.log(sigmoid(h))],
    [
      'dpo, forward KL',
      dpo({ beta, divergence: forwardKl }),
      -Math.log(sigmoid(beta * (Math.E - Math.exp(-2)))),
    ],
    [
      'dpo, α = 0.5',
      dpo({ beta, divergence: alphaDivergence(0.5) }),
      -Math.log(sigmoid(beta * ((Math.exp(-1) - Math.exp(0.5)) / -0.5))),
    ],
    ['sigmoid per token', lengthNormalisedDpo({ beta }), -Math.log(sigmoid(beta * 1))],
    ['hinge', hinge({ beta: 0.2 }), 1 - 0.6],
    ['ipo', ipo({ tau: 0.1 }), 16],
    ['cdpo', conservativeDpo({ beta, flip: 0.1 }), -0.9 * Math.log(sigmoid(h)) - 0.1 * Math.log(sigmoid(-h))],
    [
      'robust',
      robustDpo({ beta, flip: 0.1 }),
      (-0.9 * Math.log(sigmoid(h)) + 0.1 * Math.log(sigmoid(-h))) / 0.8,
    ],
    [
      'exo',
      exo({ beta, flip: 0.1 }),
      sigmoid(h) * Math.log(sigmoid(h) / 0.9) + sigmoid(-h) * Math.log(sigmoid(-h) / 0.1),
    ],
    [
      'nca',
      nca({ beta }),
      -Math.log(sigmoid(1)) - 0.5 * Math.log(sigmoid(-1)) - 0.5 * Math.log(sigmoid(0.5)),
    ],
    ['bco', bcoPair({ beta }), -Math.log(sigmoid(1)) - Math.log(sigmoid(0.5))],
    ['sppo', sppoHard({ beta }), 1 + 0],
    ['apo-zero', apoZero({ beta }), 1 - sigmoid(1) + sigmoid(-0.5)],
    ['apo-down', apoDown({ beta }), sigmoid(1) + 1 - sigmoid(h)],
    ['simpo', simPo({ beta, gamma: 0.3 }), -Math.log(sigmoid(beta * (-1.5 + 2.5) - 0.3))],
    ['alphapo at 0', alphaPo({ beta, gamma: 0.3, alpha: 0 }), -Math.log(sigmoid(0.2))],
    ['cpo', cpo({ beta }), -Math.log(sigmoid(-0.5))],
    ['nll', completionLoss, 1.5],
    [
      'rpo',
      sumOfLosses([
        { loss: dpo({ beta }), weight: 1 },
        { loss: completionLoss, weight: 0.1 },
      ]),
      -Math.log(sigmoid(h)) + 0.15,
    ],
  ])('%s', async (_, loss, expected) => {
    expect(await lossOf(loss, chosen, rejected)).toBeCloseTo(expected, 5)
  })

  test('orpo, and alphapo near 0', async () => {
    const odds = (logp: number) => Math.exp(logp) / (1 - Math.exp(logp))
    const expected = -beta * Math.log(sigmoid(Math.log(odds(-1.5) / odds(-2.5))))
    expect(await lossOf(orpo({ beta }), chosen, rejected)).toBeCloseTo(expected, 5)
    const near = await lossOf(alphaPo({ beta, gamma: 0.3, alpha: 1e-3 }), chosen, rejected)
    expect(near).toBeCloseTo(-Math.log(sigmoid(0.2)), 2)
  })

  test.each([() => robustDpo({ beta, flip: 0.5 }), () => exo({ beta, flip: 0 }), () => alphaDivergence(1)])(
    'a number for which the loss is not defined: %s',
    (make) => expect(make).toThrow(RangeError),
  )
})

describe('KTO', () => {
  type Arrays = Record<'logp' | 'reference' | 'desirable' | 'weight', ReturnType<typeof ndarray>>
  const program = value<[Arrays, number], Tensor>((batch, point) => kto({ beta })(batch, point).loss)
  const vector = (...numbers: number[]) => ndarray(numbers, [numbers.length])
  const batch = (...logp: number[]) => ({
    logp: vector(...logp),
    reference: vector(-4, -4),
    desirable: vector(1, 0),
    weight: vector(0.5, 0.5),
  })

  test('½ on the reference', async () => {
    expect((await program(batch(-4, -4), 0)).data[0]).toBeCloseTo(0.5, 6)
  })

  test('rewards are compared with the reference point', async () => {
    const expected = 0.5 * (1 - sigmoid(beta * (2 - 1))) + 0.5 * (1 - sigmoid(beta * (1 + 1)))
    expect((await program(batch(-2, -5), 1)).data[0]).toBeCloseTo(expected, 5)
  })
})
