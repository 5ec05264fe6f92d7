import fc from 'fast-check'
import { apply } from '../src/graph/node.ts'
import { gradients } from '../src/graph/reverse.ts'
import { cpu, type Device, type NdArray, webgpu } from '../src/index.ts'
import { lowerProgram } from '../src/onnx/program.ts'
import { cast, mul, scalar } from '../src/ops/elementwise.ts'
import { sum } from '../src/ops/reduce.ts'
import { compile } from '../src/runtime/session.ts'
import { type Case, cases } from './cases.ts'
import { drawing } from './draw.ts'
import { measure } from './webgpu-programs.ts'

// A process of its own: which Vulkan driver is used is decided by its environment.
const [what] = process.argv.slice(2)
console.log(JSON.stringify(what === 'primitives' ? await primitiveGaps() : await measure(webgpu())))

/** Largest difference between the devices over outputs and gradients of random programs, by primitive. */
async function primitiveGaps(): Promise<Record<string, number>> {
  const gaps: Record<string, number> = {}
  for (const [primitive, draw] of Object.entries(cases)) {
    gaps[primitive] = 0
    const property = fc.asyncProperty(fc.gen(), async (g) => {
      const example = draw(drawing(g))
      const [ours, theirs] = [await run(example, cpu({ threads: 1 })), await run(example, webgpu())]
      for (const [i, { data }] of ours.entries())
        gaps[primitive] = Math.max(gaps[primitive]!, gap(theirs[i]!.data, data))
    })
    await fc.assert(property, { numRuns: 2, seed: 3 })
  }
  return gaps
}

async function run({ inputs, build, differentiated = [0] }: Case, device: Device): Promise<NdArray[]> {
  const values = inputs.map(({ shape, dtype }, i) => apply('input', [], { name: `x${i}`, shape, dtype }))
  const outputs = build(values)
  const parts = differentiated.map((i) => cast(outputs[i]!, 'float32'))
  const loss = parts.map((part) => sum(mul(part, part))).reduce((a, b) => mul(a, b), scalar(0.5))
  const slopes = gradients(
    loss,
    values.filter(({ dtype }) => dtype === 'float32'),
  )
  const executable = await compile(lowerProgram([...outputs, ...slopes]), device)
  try {
    return await executable.run(new Map(inputs.map((x, i) => [`x${i}`, x])))
  } finally {
    await executable.dispose()
  }
}

function gap(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const pairs = Array.from(expected, (value, i) => [value, found[i]!] as const)
  const scale = pairs.reduce((largest, [value]) => Math.max(largest, Math.abs(value)), 1)
  const gaps = pairs.map(([value, other]) => Math.abs(value - other) / scale)
  return gaps.reduce((worst, each) => Math.max(worst, Number.isNaN(each) ? Number.MAX_VALUE : each), 0)
}
