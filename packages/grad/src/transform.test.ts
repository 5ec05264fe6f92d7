import { describe, expect, it, vi } from 'vitest'
import { boolArray, intArray, type NdArray, ndarray } from './ndarray.ts'
import { cpu } from './runtime/device.ts'
import { concat, stopGradient, type Tensor, where } from './tensor.ts'
import { checkpoint, constant, freeze, hold, value, valueAndGrad } from './transform.ts'

const device = cpu({ threads: 1 })
const vector = (...values: number[]) => ndarray(values, [values.length])

describe('value', () => {
  it('takes trees of arrays and numbers and gives a tree of arrays', async () => {
    const run = value<[{ a: NdArray; list: NdArray[] }, number], unknown>(
      ({ a, list }, factor) => ({ scaled: a.mul(factor), parts: [list[0]!.add(1), list[1]!.neg()] }),
      { device },
    )
    const result = (await run({ a: vector(1, 2), list: [vector(3), intArray([4], [1])] }, 10)) as {
      scaled: NdArray
      parts: NdArray[]
    }
    expect([...result.scaled.data]).toEqual([10, 20])
    expect(result.parts.map(({ dtype, data }) => [dtype, ...data])).toEqual([
      ['float32', 4],
      ['int32', -4],
    ])
  })

  it('reads arrays that are views of larger ones', async () => {
    const whole = Float32Array.from({ length: 10 }, (_, i) => i)
    const run = value<[NdArray], Tensor>((x) => x.mul(2), { device })
    expect([...(await run(ndarray(whole.subarray(3, 6), [3]))).data]).toEqual([6, 8, 10])
    const frozen = value<[], Tensor>(() => constant(ndarray(whole.subarray(3, 6), [3])), { device })
    expect([...(await frozen()).data]).toEqual([3, 4, 5])
  })

  it('multiplies few rows by a large matrix as it multiplies many', async () => {
    const [rows, inner, outer] = [19, 160, 512]
    const numbers = (count: number, seed: number) =>
      Float32Array.from({ length: count }, (_, i) => Math.sin(i * seed))
    const x = ndarray(numbers(rows * inner, 0.37), [rows, inner])
    const weight = ndarray(numbers(outer * inner, 0.11), [outer, inner])
    const bias = ndarray(numbers(outer, 0.23), [outer])
    const run = value<[NdArray, NdArray, NdArray], Tensor>(
      (x, weight, bias) => x.linear(weight, { transposeB: true, bias }),
      { device },
    )
    const { shape, data } = await run(x, weight, bias)
    expect(shape).toEqual([rows, outer])
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < outer; column++) {
        let sum = bias.data[column]!
        for (let i = 0; i < inner; i++) sum += x.data[row * inner + i]! * weight.data[column * inner + i]!
        expect(data[row * outer + column]).toBeCloseTo(sum, 4)
      }
    }
  })

  it('traces once per signature of shapes, types and static arguments', async () => {
    const f = vi.fn((x: Tensor, options: { kind: string; flip: boolean }) =>
      options.kind === 'sum' ? x.sum() : options.flip ? x.max().neg() : x.max(),
    )
    const run = value<[NdArray, { kind: string; flip: boolean }], Tensor>(f, { device })
    const call = async (x: NdArray, kind: string, flip = false) => (await run(x, { kind, flip })).data[0]
    expect(await call(vector(1, 2), 'sum')).toBe(3)
    expect(await call(vector(5, 2), 'sum')).toBe(7)
    expect(f).toHaveBeenCalledTimes(1)
    expect(await call(vector(5, 2, 1), 'sum')).toBe(8)
    expect(await call(vector(5, 2), 'max')).toBe(5)
    expect(await call(vector(5, 2), 'max', true)).toBe(-5)
    expect(await call(intArray([5, 2], [2]), 'max')).toBe(5)
    expect(f).toHaveBeenCalledTimes(5)
  })

  it('releases the programs least used when their constants exceed the memory', async () => {
    const weights = ndarray(new Float32Array(1000).fill(2), [1000])
    const f = vi.fn((x: Tensor) => x.sum().mul(constant(weights)).max())
    const run = value<[NdArray], Tensor>(f, { device, memory: 30_000 })
    for (const length of [1, 2, 1, 3, 1])
      expect((await run(vector(...new Array(length).fill(1)))).data[0]).toBe(2 * length)
    expect(f).toHaveBeenCalledTimes(3) // two programs of 12 kB fit; the third takes the place of the second
    expect((await run(vector(1, 1))).data[0]).toBe(4)
    expect(f).toHaveBeenCalledTimes(4)
  })

  it('compiles again after a failed trace and after dispose', async () => {
    let broken = true
    const run = value<[NdArray], Tensor>(
      (x) => {
        if (broken) throw new Error('not yet')
        return x.add(1)
      },
      { device },
    )
    await expect(run(vector(1))).rejects.toThrow('not yet')
    broken = false
    expect((await run(vector(1))).data[0]).toBe(2)
    await run.dispose()
    expect((await run(vector(2))).data[0]).toBe(3)
  })

  it('refuses what it cannot trace', async () => {
    const run = value<[unknown], Tensor>(() => constant(vector(1)), { device })
    await expect(run({ table: new Map() })).rejects.toThrow(/argument '0.table' is a Map/)
    await expect(run(() => 1)).rejects.toThrow(/argument '0' is a function/)
    const wrong = value<[number], unknown>((x) => ({ a: x, b: 3 }), { device })
    await expect(wrong(1)).rejects.toThrow(/result at 'b' is not a tensor/)
  })

  it('runs operators of booleans and numbers', async () => {
    const run = value<[NdArray, NdArray], unknown>(
      (x, mask) => ({
        chosen: where(mask.logicalNot(), x, -1),
        joined: concat([x, x.square()], 0).slice(0, 1, -1),
        mask: x.greater(1).logicalOr(mask),
      }),
      { device },
    )
    const result = (await run(vector(1, 2, 3), boolArray([1, 0, 0], [3]))) as Record<string, NdArray>
    expect([...result.chosen!.data]).toEqual([-1, 2, 3])
    expect([...result.joined!.data]).toEqual([2, 3, 1, 4])
    expect(result.mask).toEqual(boolArray([1, 1, 1], [3]))
  })
})

describe('valueAndGrad', () => {
  it('gives loss, statistics and one gradient per parameter', async () => {
    const step = valueAndGrad<[NdArray, number]>(
      ({ w, b }, x, scale) => {
        const y = w!.mul(x).add(b!)
        return { loss: y.square().sum().mul(scale), stats: { largest: y.max(), y } }
      },
      { device },
    )
    const result = await step({ w: vector(1, 2), b: ndarray([1], []), unused: vector(7) }, vector(3, 4), 0.5)
    // y = [4, 9], loss = ½Σy², dw = y∘x, db = Σy
    expect(result.value).toBe(48.5)
    expect(result.grads.w).toEqual(vector(12, 36))
    expect(result.grads.b).toEqual(ndarray([13], []))
    expect(result.grads.unused).toEqual(vector(0))
    expect(result.aux.y).toEqual(vector(4, 9))
    expect(result.aux.largest).toEqual(ndarray([9], []))
  })

  it('does not differentiate through stopGradient', async () => {
    const step = valueAndGrad(({ w }) => stopGradient(w!.square()).mul(w!).sum(), { device })
    const { value: loss, grads } = await step({ w: vector(3) })
    expect(loss).toBe(27)
    expect([...grads.w!.data]).toEqual([9])
  })

  it('gives the same gradients through checkpoint, nested ones included', async () => {
    const block = (x: Tensor, w: Tensor) => {
      const [a, b] = x.mul(w).split([2, 1], 0) as [Tensor, Tensor]
      return concat([b.tanh(), a.exp().sub(stopGradient(a))], 0)
    }
    const inner = checkpoint(block)
    const losses = [block, inner, checkpoint((x: Tensor, w: Tensor) => inner(inner(x, w), w))].map((f, i) =>
      valueAndGrad(
        ({ x, w }) => {
          const once = f(x!, w!)
          return (i === 2 ? once : f(once, w!)).square().sum()
        },
        { device },
      ),
    )
    const parameters = { x: vector(0.3, -0.2, 0.5), w: vector(1.1, 0.7, -0.4) }
    const [plain, ...others] = await Promise.all(losses.map((step) => step(parameters)))
    for (const other of others) expect(other).toEqual(plain)
  })

  it('gives the same bits every time', async () => {
    const size = 64
    const random = (seed: number) =>
      ndarray(
        Float32Array.from({ length: size * size }, (_, i) => Math.sin(i * seed)),
        [size, size],
      )
    const make = () =>
      valueAndGrad<[NdArray]>(({ w }, x) => x.matmul(w!).gelu().softmax().mul(x).sum(), {
        device: cpu({ threads: 2 }),
      })
    const first = make()
    const runs = [await first({ w: random(1) }, random(2)), await first({ w: random(1) }, random(2))]
    runs.push(await make()({ w: random(1) }, random(2)))
    expect(runs[1]).toEqual(runs[0])
    expect(runs[2]).toEqual(runs[0])
  })

  it('adds up all rows of one index, on several threads', async () => {
    const [rows, width, vocabulary] = [4096, 256, 4]
    const tokens = intArray(
      Array.from({ length: rows }, (_, i) => i % vocabulary),
      [rows],
    )
    const gradient = valueAndGrad<[NdArray]>(({ embedding }, ids) => embedding!.gather(ids).sum(), {
      device: cpu({ threads: 4 }),
    })
    const embedding = ndarray(new Float32Array(vocabulary * width), [vocabulary, width])
    for (let run = 0; run < 4; run++) {
      const { grads } = await gradient({ embedding }, tokens)
      expect([...new Set(grads.embedding!.data)]).toEqual([rows / vocabulary])
    }
  })

  it.each([
    ['a vector', (w: Tensor) => w, /a loss must be a float32 scalar, found float32\[2\]/],
    ['an integer', (w: Tensor) => w.sum().cast('int32'), /found int32\[\]/],
  ])('refuses %s as loss', async (_, f, message) => {
    await expect(valueAndGrad(({ w }) => f(w!), { device })({ w: vector(1, 2) })).rejects.toThrow(message)
  })

  it('takes frozen parameters as constants', async () => {
    const { base } = { base: freeze({ m: vector(2, 3) }) }
    const step = valueAndGrad(({ w }) => w!.mul(base.m!).sum(), { device })
    const { grads } = await step({ w: vector(1, 1) })
    expect(Object.keys(grads)).toEqual(['w'])
    expect([...grads.w!.data]).toEqual([2, 3])
  })
})

describe('shapes that do not fit are refused where they are written', () => {
  it.each<[string, (x: Tensor) => unknown, RegExp]>([
    ['add', (x) => x.add(constant(vector(1, 2))), /shapes \[2,3\] and \[2\] do not broadcast/],
    ['types', (x) => x.add(x.cast('int32')), /operands differ in type: float32\[2,3\] and int32\[2,3\]/],
    ['matmul', (x) => x.matmul(x), /matmul: \[2,3\] and \[2,3\] do not fit/],
    [
      'matmul transposed',
      (x) => x.matmul(x, { transposeA: true, transposeB: true }),
      /\[2,3\]ᵀ and \[2,3\]ᵀ/,
    ],
    [
      'vector product',
      (x) => x.matmul(constant(vector(1))),
      /matmul takes matrices, found \[2,3\] and \[1\]/,
    ],
    ['reshape', (x) => x.reshape([4]), /cannot reshape \[2,3\] to \[4\]/],
    ['reshape −1', (x) => x.reshape([4, -1]), /cannot reshape \[2,3\] to \[4,-1\]/],
    ['transpose', (x) => x.transpose([0, 0]), /\[0,0\] is not a permutation of the axes of \[2,3\]/],
    ['axis', (x) => x.sum({ axes: 2 }), /axis 2 is outside an array of rank 2/],
    ['negative axis', (x) => x.softmax(-3), /axis -3 is outside an array of rank 2/],
    ['slice', (x) => x.slice(1, 2, 5), /slice 2:5 of axis 1 is outside \[2,3\]/],
    ['split', (x) => x.split([1, 1], 1), /split sizes \[1,1\] do not add up to axis 1 of \[2,3\]/],
    [
      'concat',
      (x) => concat([x, x.transpose()], 0),
      /concatenate float32\[3,2\] with float32\[2,3\] along axis 0/,
    ],
    ['concat types', (x) => concat([x, x.cast('int32')], 0), /concatenate int32\[2,3\] with float32\[2,3\]/],
    ['broadcastTo', (x) => x.broadcastTo([2, 4]), /cannot broadcast \[2,3\] to \[2,4\]/],
    ['broadcastTo less', (x) => x.broadcastTo([3]), /cannot broadcast \[2,3\] to \[3\]/],
    ['squeeze', (x) => x.squeeze(0), /cannot squeeze axis 0 of \[2,3\]: its length is not 1/],
    ['gather', (x) => x.gather(x), /gather takes int32, found float32\[2,3\]/],
    [
      'takeAlongAxis',
      (x) => x.takeAlongAxis(constant(intArray([0], [1, 1]))),
      /indices \[1,1\] and operand \[2,3\]/,
    ],
    [
      'scatterAdd',
      (x) => x.scatterAdd(constant(intArray([0], [1])), x),
      /updates are \[2,3\], expected \[1,3\]/,
    ],
    ['where', (x) => where(x, x, x), /where takes bool, found float32\[2,3\]/],
    ['logical', (x) => x.logicalAnd(x), /a logical operation takes bool, found float32\[2,3\]/],
    ['pad', (x) => x.pad([1], [1]), /pad: 1 and 1 counts for an array of rank 2/],
    [
      'layerNorm',
      (x) => x.layerNorm(x, { bias: x, epsilon: 1 }),
      /layerNorm: scale is \[2,3\], expected \[3\]/,
    ],
    ['rmsNorm', (x) => x.rmsNorm(constant(vector(1)), 1), /rmsNorm: scale is \[1\], expected \[3\]/],
    ['exp of integers', (x) => x.cast('int32').exp(), /exp takes float32, found int32\[2,3\]/],
    [
      'linear',
      (x) => x.linear(x, { bias: x, transposeB: true }),
      /bias \[2,3\] does not broadcast to \[2,2\]/,
    ],
  ])('%s', async (_, f, message) => {
    const run = value<[NdArray], unknown>(f, { device })
    await expect(run(ndarray([1, 2, 3, 4, 5, 6], [2, 3]))).rejects.toThrow(message)
  })
})

describe('hold', () => {
  it('reads the array anew at every run, and gives it no gradient', async () => {
    const parameters = { w: vector(2, 3) }
    const { w } = hold(parameters)
    const gradient = valueAndGrad<[]>(({ x }) => x!.mul(w!).mul(w!).sum(), { device })
    const product = value<[NdArray], Tensor>((x) => x.mul(w!).add(hold(parameters).w!), { device })
    const run = async () => {
      const { value: loss, grads } = await gradient({ x: vector(1, 10) })
      return { loss, names: Object.keys(grads), x: [...grads.x!.data] }
    }
    expect(await run()).toEqual({ loss: 94, names: ['x'], x: [4, 9] })
    expect([...(await product(vector(1, 1))).data]).toEqual([4, 6])
    parameters.w.data.set([1, 1])
    expect(await run()).toEqual({ loss: 11, names: ['x'], x: [1, 1] })
    expect([...(await product(vector(1, 1))).data]).toEqual([2, 2])
  })
})
