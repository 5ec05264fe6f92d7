import { cpu, type NdArray, ndarray, randomKey, type Tensor, value } from '@attune/grad'
import { matrixSize, threads } from '../workload.ts'
import { median, report, timed } from './report.ts'

const random = randomKey(0)
const matrix = () =>
  ndarray(
    Float32Array.from({ length: matrixSize ** 2 }, () => random.normal()),
    [matrixSize, matrixSize],
  )
const [a, b] = [matrix(), matrix()]
// the sum keeps the copy of the product's 16 MB out of the time
const product = value<[NdArray, NdArray], Tensor>((x, y) => x.matmul(y).sum(), { device: cpu({ threads }) })
const seconds = await timed(7, () => product(a, b))
report({ gflops: (2 * matrixSize ** 3) / median(seconds) / 1e9 })
