import {
  attention,
  causalBias,
  type Device,
  intArray,
  linearLogProbs,
  type NdArray,
  ndarray,
  type Parameters,
  randomKey,
  type Tensor,
  type ValueAndGradients,
  valueAndGrad,
} from '../src/index.ts'

/** Loss and gradients of a program as plain numbers, so that they can leave a process or a page. */
export interface Measured {
  readonly loss: number
  readonly gradients: Readonly<Record<string, readonly number[]>>
}

const [rows, features, hidden, classes] = [24, 12, 32, 5]
const [batch, time, width, heads, vocabulary] = [2, 9, 16, 4, 23]

/** A classifier with one hidden layer, and one transformer block with its language-model loss, on a device. */
export async function measure(device: Device): Promise<Record<string, Measured>> {
  return { classifier: await classifier(device), transformer: await transformer(device) }
}

async function classifier(device: Device): Promise<Measured> {
  const step = valueAndGrad<[NdArray, NdArray]>(
    ({ w1, b1, w2, b2 }, x, targets) => {
      const scores = x.matmul(w1!).add(b1!).gelu().matmul(w2!).add(b2!)
      return scores.logSoftmax(-1).takeAlongAxis(targets, 1).mean().neg()
    },
    { device },
  )
  const parameters = {
    w1: normals('w1', [features, hidden]),
    b1: normals('b1', [hidden]),
    w2: normals('w2', [hidden, classes]),
    b2: normals('b2', [classes]),
  }
  const targets = intArray(
    Array.from({ length: rows }, (_, i) => i % classes),
    [rows, 1],
  )
  const result = await step(parameters, normals('x', [rows, features]), targets)
  await step.dispose()
  return plain(result)
}

async function transformer(device: Device): Promise<Measured> {
  const headsOf = (x: Tensor) => x.reshape([batch, time, heads, width / heads]).transpose([0, 2, 1, 3])
  const step = valueAndGrad<[NdArray]>(
    (p, tokens) => {
      const x = p.embedding!.gather(tokens)
      const normal = x.layerNorm(p.scale!, { bias: p.shift!, epsilon: 1e-5 })
      const [queries, keys, values] = ['q', 'k', 'v'].map((name) => headsOf(normal.matmul(p[name]!)))
      const mixed = attention({ queries: queries!, keys: keys!, values: values!, bias: causalBias(time) })
      const y = x.add(mixed.transpose([0, 2, 1, 3]).reshape([batch, time, width]))
      const gated = y.matmul(p.gate!).silu().mul(y.rmsNorm(p.scale!, 1e-6).matmul(p.up!))
      return linearLogProbs(y.add(gated).reshape([batch * time, width]), p.embedding!, {
        targets: tokens.reshape([batch * time]),
      })
        .mean()
        .neg()
    },
    { device },
  )
  const square = Object.fromEntries(
    ['q', 'k', 'v', 'gate', 'up'].map((name) => [name, normals(name, [width, width])]),
  )
  const parameters: Parameters = {
    embedding: normals('embedding', [vocabulary, width]),
    scale: normals('scale', [width]),
    shift: normals('shift', [width]),
    ...square,
  }
  const tokens = intArray(
    Array.from({ length: batch * time }, (_, i) => (i * 7) % vocabulary),
    [batch, time],
  )
  const result = await step(parameters, tokens)
  await step.dispose()
  return plain(result)
}

function normals(name: string, shape: readonly number[]) {
  const random = randomKey(5, name)
  const size = shape.reduce((a, b) => a * b, 1)
  return ndarray(
    Float32Array.from({ length: size }, () => 0.4 * random.normal()),
    shape,
  )
}

function plain({ value, grads }: ValueAndGradients): Measured {
  const gradients = Object.fromEntries(Object.entries(grads).map(([name, { data }]) => [name, [...data]]))
  return { loss: value, gradients }
}
