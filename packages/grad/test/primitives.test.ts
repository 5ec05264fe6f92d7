import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apply, topologicalOrder, type Value } from '../src/graph/node.ts'
import type { Primitive } from '../src/graph/primitives.ts'
import { gradients } from '../src/graph/reverse.ts'
import { type NdArray, ndarray } from '../src/ndarray.ts'
import { lowerProgram } from '../src/onnx/program.ts'
import { add, cast, constant, mul, scalar } from '../src/ops/elementwise.ts'
import { sum } from '../src/ops/reduce.ts'
import { randomKey } from '../src/random.ts'
import { cpu } from '../src/runtime/device.ts'
import { compile } from '../src/runtime/session.ts'
import { type Array64, widened } from './array64.ts'
import { type Case, cases } from './cases.ts'
import { drawing } from './draw.ts'
import { evaluate } from './reference.ts'

const device = cpu({ threads: 1 })

/** The case's graph, a loss over it with random weights, and the loss's gradient by the float32 inputs. */
function programOf({ inputs, build, differentiated = [0] }: Case) {
  const values = inputs.map((x, i) => apply('input', [], { name: `x${i}`, shape: x.shape, dtype: x.dtype }))
  const outputs = build(values)
  const random = randomKey(1)
  const weighted = differentiated.map((i) => {
    const output = cast(outputs[i]!, 'float32')
    const weights = Float32Array.from({ length: sizeOfValue(output) }, () => random.uniform() + 0.5)
    return sum(mul(output, constant(ndarray(weights, output.shape))))
  })
  const loss = weighted.reduce(add, scalar(0))
  const wrt = values.map((_, i) => i).filter((i) => inputs[i]!.dtype === 'float32')
  const slopes = gradients(
    loss,
    wrt.map((i) => values[i]!),
  )
  return { outputs, loss, wrt, slopes }
}

function sizeOfValue({ shape }: Value): number {
  return shape.reduce((a, b) => a * b, 1)
}

/** Central differences of the loss by every element of an input, in double precision. */
function differences(loss: Value, inputs: ReadonlyMap<string, Array64>, name: string): Float64Array {
  const step = 1e-5
  const { shape, data } = inputs.get(name)!
  const lossAt = (element: number, shift: number) => {
    const shifted = data.slice()
    shifted[element]! += shift
    return evaluate([loss], new Map([...inputs, [name, { shape, data: shifted }]]))[0]!.data[0]!
  }
  return data.map((_, i) => (lossAt(i, step) - lossAt(i, -step)) / (2 * step))
}

/** Largest difference, relative to the largest expected element or 1. */
function distance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length)
  const pairs = Array.from(expected, (value, i) => [value, found[i]!] as const)
  const scale = pairs.reduce((largest, [value]) => Math.max(largest, Math.abs(value)), 1)
  return pairs.reduce((worst, [value, other]) => {
    const gap = Math.abs(value - other) / scale
    return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(worst, gap)
  }, 0)
}

async function onnxRuntime(outputs: readonly Value[], inputs: readonly NdArray[]): Promise<NdArray[]> {
  const executable = await compile(lowerProgram(outputs), device)
  try {
    return await executable.run(new Map(inputs.map((x, i) => [`x${i}`, x])))
  } finally {
    await executable.dispose()
  }
}

/** The examples are the same every time; PRIMITIVE_RUNS=500 PRIMITIVE_SEED=7 looks at others. */
const runs = Number(process.env.PRIMITIVE_RUNS ?? 20)
const seed = Number(process.env.PRIMITIVE_SEED ?? 1)

describe.each(Object.keys(cases) as Primitive[])('%s', (primitive) => {
  it('computes in ONNX Runtime what it means, and its gradient is the finite difference', async () => {
    const property = fc.asyncProperty(fc.gen(), async (g) => {
      const example = cases[primitive](drawing(g))
      const { outputs, loss, wrt, slopes } = programOf(example)
      expect(topologicalOrder(outputs).map((node) => node.primitive)).toContain(primitive)
      const inputs = new Map(example.inputs.map((x, i) => [`x${i}`, widened(x)]))
      const expected = evaluate([...outputs, ...slopes], inputs)
      const found = await onnxRuntime([...outputs, ...slopes], example.inputs)
      found.forEach((array, i) => {
        expect(array.shape).toEqual(expected[i]!.shape)
        expect(distance(array.data, expected[i]!.data), `${primitive}, output ${i}`).toBeLessThan(1e-5)
      })
      if (example.differentiated?.length === 0) return
      wrt.forEach((input, i) => {
        const slope = expected[outputs.length + i]!.data
        const gap = distance(slope, differences(loss, inputs, `x${input}`))
        expect(gap, `gradient by input ${input}`).toBeLessThan(1e-6)
      })
    })
    await fc.assert(property, { numRuns: runs, seed, endOnFailure: true })
  })
})
