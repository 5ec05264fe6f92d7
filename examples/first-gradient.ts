/**
 * Logistic regression by gradient descent: what `grad` does, in one screen.
 *   node --conditions=source --import tsx examples/first-gradient.ts
 */
import { adamw, constantRate, type NdArray, ndarray, randomKey, valueAndGrad } from '@attune/grad'

interface Batch {
  readonly points: NdArray
  readonly labels: NdArray
}

// points around (1, 1) have label 1, points around (−1, −1) label 0
const random = randomKey(0)
const labels = Array.from({ length: 200 }, () => random.int(2))
const points = labels.flatMap((label) => [0, 1].map(() => (label === 1 ? 1 : -1) + random.normal()))
const batch: Batch = { points: ndarray(points, [200, 2]), labels: ndarray(labels, [200, 1]) }

// traced once, differentiated, lowered to one ONNX program
const gradient = valueAndGrad<[Batch]>(({ weight, bias }, { points, labels }) => {
  const logits = points.matmul(weight!).add(bias!)
  const loss = logits.softplus().sub(labels.mul(logits)).mean() // −log p(label)
  const accuracy = logits.greater(0).cast('float32').equal(labels).cast('float32').mean()
  return { loss, stats: { accuracy } }
})

const parameters = { weight: ndarray([0, 0], [2, 1]), bias: ndarray([0], [1]) }
const optimizer = adamw({ learningRate: constantRate(0.1) })
for (let step = 1; step <= 50; step++) {
  const { value: loss, aux, grads } = await gradient(parameters, batch)
  optimizer.update(parameters, grads)
  if (step % 10 === 0)
    console.log(`step ${step}  loss ${loss.toFixed(3)}  accuracy ${aux.accuracy!.data[0]!.toFixed(3)}`)
}
await gradient.dispose()
