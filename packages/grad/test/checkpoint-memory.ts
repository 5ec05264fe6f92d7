import { checkpoint, cpu, type NdArray, ndarray, randomKey, type Tensor, valueAndGrad } from '../src/index.ts'

// Peak memory of two steps of a deep residual net, with its blocks as they are (`plain`) or checkpointed.
const [mode] = process.argv.slice(2)
const [rows, width, depth] = [1024, 128, 16]
const random = randomKey(1)
const normals = (size: number, scale: number) =>
  Float32Array.from({ length: size }, () => scale * random.normal())
const parameters = Object.fromEntries(
  Array.from({ length: depth }, (_, i) => [
    `w${i}`,
    ndarray(normals(width * width, width ** -0.5), [width, width]),
  ]),
)

const block = (x: Tensor, weight: Tensor) => {
  let y = x
  for (let i = 0; i < 4; i++) y = y.matmul(weight).gelu().mul(1.1).tanh()
  return y.add(x)
}
const chosen = mode === 'checkpointed' ? checkpoint(block) : block
const step = valueAndGrad<[NdArray]>(
  (weights, x) => Object.values(weights).reduce(chosen, x).square().mean(),
  { device: cpu({ threads: 1 }) },
)
const x = ndarray(normals(rows * width, 1), [rows, width])
await step(parameters, ndarray(new Float32Array(width), [1, width]))
const before = process.resourceUsage().maxRSS
const { value, grads } = await step(parameters, x)
const after = process.resourceUsage().maxRSS
console.log(JSON.stringify({ value, slope: [...grads.w0!.data.slice(0, 8)], kilobytes: after - before }))
