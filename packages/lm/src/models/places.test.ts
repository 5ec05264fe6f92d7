import { intArray, type NdArray, type Parameters, type Tensor, value, valueAndGrad } from '@attune/grad'
import { expect, test } from 'vitest'
import { tinyConfigs, tinyModel } from '../../test/tiny.ts'

const tokens = intArray(
  Array.from({ length: 12 }, (_, i) => (7 * i) % 24),
  [2, 6],
)
const places = intArray([11, 2, 2, 7], [4])

test.each(Object.keys(tinyConfigs))(
  '%s: states at places are those of the whole, and so is the gradient',
  async (name) => {
    const { architecture, parameters } = tinyModel(tinyConfigs[name]!)
    const wanted = (weights: Readonly<Record<string, Tensor>>, tokens: Tensor, places: Tensor) =>
      architecture.trunk(weights, { tokens, places }).hidden
    const gathered = (weights: Readonly<Record<string, Tensor>>, tokens: Tensor, places: Tensor) =>
      architecture.trunk(weights, { tokens }).hidden.reshape([-1, architecture.width]).gather(places)
    const [some, all] = [wanted, gathered].map((states) => ({
      states: value<[Parameters, NdArray, NdArray], Tensor>(states),
      gradient: valueAndGrad<[NdArray, NdArray]>((...args) =>
        states(...args)
          .square()
          .mul(0.1)
          .sum(),
      ),
    }))
    const close = (a: NdArray, b: NdArray) => {
      expect(a.shape).toEqual(b.shape)
      for (const [i, x] of a.data.entries()) expect(Math.abs(x - b.data[i]!)).toBeLessThan(1e-4)
    }
    close(await some!.states(parameters, tokens, places), await all!.states(parameters, tokens, places))
    const [one, other] = [
      await some!.gradient(parameters, tokens, places),
      await all!.gradient(parameters, tokens, places),
    ]
    for (const [parameter, gradient] of Object.entries(other.grads)) close(one.grads[parameter]!, gradient)
  },
)
