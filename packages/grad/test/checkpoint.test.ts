import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { apply, topologicalOrder, type Value } from '../src/graph/node.ts'
import { gradients } from '../src/graph/reverse.ts'
import { checkpoint, Tensor } from '../src/index.ts'

const script = fileURLToPath(new URL('./checkpoint-memory.ts', import.meta.url))

async function measured(mode: 'plain' | 'checkpointed') {
  const options = ['--conditions=source', '--import', 'tsx', script, mode]
  const { stdout } = await promisify(execFile)(process.execPath, options)
  return JSON.parse(stdout) as { value: number; slope: number[]; kilobytes: number }
}

function input(name: string, shape: number[]): Value {
  return apply('input', [], { name, shape, dtype: 'float32' })
}

function countOf(primitive: string, outputs: readonly Value[]): number {
  return topologicalOrder(outputs).filter((node) => node.primitive === primitive).length
}

it('recomputes the block behind a barrier in the reverse pass', () => {
  const [x, w] = [input('x', [4, 3]), input('w', [3, 3])]
  const block = (y: Tensor, weight: Tensor) => y.matmul(weight).tanh().exp()
  const lossOf = (f: typeof block) => f(f(new Tensor(x).add(1), new Tensor(w)), new Tensor(w)).sum().value
  const programOf = (loss: Value) => [loss, ...gradients(loss, [w])]
  const plain = programOf(lossOf(block))
  const recomputed = programOf(lossOf(checkpoint(block)))
  expect(countOf('tanh', plain)).toBe(2)
  expect(countOf('barrier', plain)).toBe(0)
  expect(countOf('tanh', recomputed)).toBe(4) // each block once forward, once more in reverse
  expect(countOf('barrier', recomputed)).toBe(2) // one per block: what enters it, leaves aside
})

it('gives the same bits in less memory', async () => {
  const plain = await measured('plain')
  const checkpointed = await measured('checkpointed')
  expect(checkpointed.value).toBe(plain.value)
  expect(checkpointed.slope).toEqual(plain.slope)
  expect(checkpointed.kilobytes).toBeLessThan(0.5 * plain.kilobytes)
})
