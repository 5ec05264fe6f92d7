import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ndarray, type Parameters } from '../ndarray.ts'
import { accumulate } from './accumulate.ts'
import { adamw, sgd } from './alias.ts'
import { javascriptKernels, laneLength } from './kernels.ts'
import { type Optimizer, optimizer } from './optimizer.ts'
import { addDecayedWeights, chain, clipByGlobalNorm, scaleByAdam, traceMomentum } from './transformation.ts'
import { wasmKernels } from './wasm-kernels.ts'

const vector = (...values: number[]) => ndarray(values, [values.length])
const parametersOf = (size: number): Parameters => ({
  w: ndarray(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i)),
    [size],
  ),
})

describe('adamw', () => {
  it('does what algorithm 2 says, by hand', () => {
    const parameters = { w: ndarray([1, -2], [1, 2]), b: vector(3) }
    const optimiser = adamw({ learningRate: 0.1, weightDecay: 0.5 })
    const result = optimiser.update(parameters, { w: ndarray([4, 3], [1, 2]), b: vector(0) })
    expect(result).toEqual({ gradientNorm: 5, learningRate: 0.1 })
    // first step: m̂/√v̂ = sign(g); matrices decay by 0.1·0.5, vectors do not
    expect(parameters.w.data[0]).toBeCloseTo(1 - 0.1 * (1 + 0.5), 6)
    expect(parameters.w.data[1]).toBeCloseTo(-2 - 0.1 * (1 - 1), 6)
    expect(parameters.b.data[0]).toBe(3)
    optimiser.update(parameters, { w: ndarray([0, 0], [1, 2]), b: vector(1) })
    // second: m̂ = 0.9·0.1·4/0.19, v̂ = 0.999·0.001·16/0.001999
    const m = (0.9 * 0.1 * 4) / 0.19
    const v = (0.999 * 0.001 * 16) / 0.001999
    expect(parameters.w.data[0]).toBeCloseTo(0.85 - 0.1 * (m / Math.sqrt(v) + 0.5 * 0.85), 5)
    expect(optimiser.step).toBe(2)
  })

  it('clips by the norm over all gradients and leaves the gradients as they are', () => {
    const parameters = { a: vector(0), b: vector(0) }
    const gradients = { a: vector(30), b: vector(40) }
    const { gradientNorm } = optimizer(clipByGlobalNorm(5), 1).update(parameters, gradients)
    expect(gradientNorm).toBe(50)
    expect(parameters.a.data[0]).toBeCloseTo(-3, 5)
    expect(parameters.b.data[0]).toBeCloseTo(-4, 5)
    expect(gradients.a.data[0]).toBe(30)
  })

  it('leaves parameters without a gradient alone', () => {
    const parameters = { trained: vector(1), frozen: vector(1) }
    const optimiser = adamw({ learningRate: 0.1 })
    optimiser.update(parameters, { trained: vector(1) })
    expect(parameters.frozen.data[0]).toBe(1)
    expect(Object.keys(optimiser.state())).toEqual(['step', 'first_moment/trained', 'second_moment/trained'])
  })

  it('keeps no denormal moments', () => {
    const parameters = { w: vector(1) }
    const optimiser = adamw({ learningRate: 0 })
    optimiser.update(parameters, { w: vector(1) })
    for (let i = 0; i < 900; i++) optimiser.update(parameters, { w: vector(0) })
    expect(optimiser.state()['first_moment/w']!.data[0]).toBe(0)
  })
})

describe('sgd', () => {
  it.each([
    { nesterov: false, expected: 0 - 1 - (0.9 * 1 + 2) },
    { nesterov: true, expected: 0 - (1 + 0.9 * 1) - (2 + 0.9 * (0.9 * 1 + 2)) },
  ])('carries momentum (nesterov: $nesterov)', ({ nesterov, expected }) => {
    const parameters = { w: vector(0) }
    const optimiser = sgd({ learningRate: 1, momentum: 0.9, nesterov })
    optimiser.update(parameters, { w: vector(1) })
    optimiser.update(parameters, { w: vector(2) })
    expect(parameters.w.data[0]).toBeCloseTo(expected, 5)
  })

  it('has no state without momentum', () => {
    const parameters = { w: vector(1) }
    const optimiser = sgd({ learningRate: 0.5 })
    optimiser.update(parameters, { w: vector(1) })
    expect(parameters.w.data[0]).toBe(0.5)
    expect(Object.keys(optimiser.state())).toEqual(['step'])
  })
})

describe('kernels', () => {
  const transformation = () =>
    chain(
      clipByGlobalNorm(1),
      scaleByAdam(),
      traceMomentum({ momentum: 0.9, nesterov: true }),
      addDecayedWeights(0.1, () => true),
    )
  const trained = (makeKernels: typeof wasmKernels, size: number) => {
    const parameters = parametersOf(size)
    const optimiser = optimizer(transformation(), (step) => 0.01 * (step + 1), makeKernels)
    const scales = [1, 1e-3, 1e-22, 5]
    for (const scale of scales) {
      const gradient = Float32Array.from({ length: size }, (_, i) => scale * Math.cos(i * 3))
      optimiser.update(parameters, { w: ndarray(gradient, [size]) })
    }
    return { ...parameters, ...optimiser.state() }
  }

  it('give the same bits in WebAssembly and in JavaScript, at every length', () => {
    const sizes = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 2000, max: 3 * laneLength }))
    fc.assert(
      fc.property(sizes, (size) => {
        expect(trained(wasmKernels, size)).toEqual(trained(javascriptKernels, size))
      }),
      { numRuns: 25 },
    )
  })

  it('compute an element alike wherever it lies', () => {
    const size = 2 * laneLength + 5
    const alone = (at: number) => {
      const parameters = { w: vector(Math.sin(at)) }
      const optimiser = optimizer(scaleByAdam(), 0.01)
      optimiser.update(parameters, { w: vector(Math.cos(at)) })
      return parameters.w.data[0]
    }
    const together = parametersOf(size)
    const gradient = Float32Array.from({ length: size }, (_, i) => Math.cos(i))
    optimizer(scaleByAdam(), 0.01).update(together, { w: ndarray(gradient, [size]) })
    for (const at of [0, 3, laneLength - 1, laneLength, 2 * laneLength + 4])
      expect(together.w!.data[at]).toBe(alone(at))
  })
})

describe('state', () => {
  const steps = (optimiser: Optimizer, parameters: Parameters, [from, to]: [number, number]) => {
    for (let step = from; step < to; step++)
      optimiser.update(parameters, { w: vector(Math.sin(step), Math.cos(step)) })
  }
  const make = () => adamw({ learningRate: (step) => 0.1 / (step + 1), maxGradientNorm: 0.5 })

  it('restored gives the same bits as never interrupted', () => {
    const whole = { w: vector(1, 2) }
    steps(make(), whole, [0, 6])
    const parts = { w: vector(1, 2) }
    const first = make()
    steps(first, parts, [0, 3])
    const second = make()
    second.restore(first.state())
    steps(first, { w: vector(0, 0) }, [3, 6]) // does not reach the copy
    steps(second, parts, [3, 6])
    expect(parts).toEqual(whole)
    expect(second.step).toBe(6)
  })

  const saved = () => {
    const optimiser = make()
    steps(optimiser, { w: vector(1, 2) }, [0, 1])
    return optimiser.state()
  }
  it.each([
    ['no step', ({ step: _, ...rest }: Parameters) => rest, /nothing as 'step'/],
    ['half a step', (s: Parameters) => ({ ...s, step: ndarray([0.5], []) }), /0.5 as 'step'/],
    [
      'an unknown moment',
      (s: Parameters) => ({ ...s, 'third_moment/w': s.step! }),
      /has 'third_moment\/w', expected/,
    ],
    ['a key without moment', (s: Parameters) => ({ ...s, w: s.step! }), /has 'w', expected/],
    ['a missing moment', ({ 'second_moment/w': _, ...rest }: Parameters) => rest, /lacks 'second_moment\/w'/],
    [
      'moments of two shapes',
      (s: Parameters) => ({ ...s, 'second_moment/w': vector(1) }),
      /'second_moment\/w' as \[1\] and 'first_moment\/w' as \[2\]/,
    ],
  ])('with %s is refused and changes nothing', (_, spoil, message) => {
    const optimiser = make()
    expect(() => optimiser.restore(spoil(saved()) as Parameters)).toThrow(message)
    expect(optimiser.step).toBe(0)
    expect(Object.keys(optimiser.state())).toEqual(['step'])
  })

  it('of another shape than the parameter is refused at the update', () => {
    const optimiser = make()
    optimiser.restore(saved())
    expect(() => optimiser.update({ w: vector(1) }, { w: vector(1) })).toThrow(
      /'w' is \[1\].*state for it \[2\]/,
    )
  })

  it('that lacks a trained parameter is refused at the update', () => {
    const optimiser = make()
    optimiser.restore(saved())
    expect(() => optimiser.update({ v: vector(1) }, { v: vector(1) })).toThrow(
      /'v' has a gradient, but had none/,
    )
  })
})

describe('update', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses a gradient of %s and changes nothing', (bad) => {
    const parameters = { a: vector(1), b: vector(1) }
    const optimiser = adamw({ learningRate: 0.1 })
    const attempt = () => optimiser.update(parameters, { a: vector(1), b: vector(bad) })
    expect(attempt).toThrow(/gradient of 'b' is not finite/)
    expect(parameters.a.data[0]).toBe(1)
    expect(optimiser.step).toBe(0)
  })

  it('refuses gradients that fit no parameter', () => {
    const optimiser = sgd({ learningRate: 0.1 })
    expect(() => optimiser.update({}, { a: vector(1) })).toThrow(/gradient for 'a', but no such parameter/)
    expect(() => optimiser.update({ a: vector(1, 2) }, { a: vector(1) })).toThrow(
      /'a' is \[2\], its gradient \[1\]/,
    )
  })
})

describe('accumulate', () => {
  it('adds in place', () => {
    const total = { w: vector(1, 2) }
    expect(accumulate(total, { w: vector(3, 4) })).toBe(total)
    expect([...total.w.data]).toEqual([4, 6])
  })

  it('refuses other names and sizes', () => {
    expect(() => accumulate({}, { w: vector(1) })).toThrow(/no sum for the gradient of 'w'/)
    expect(() => accumulate({ w: vector(1, 2) }, { w: vector(1) })).toThrow(/'w' is \[1\], the sum \[2\]/)
  })
})
