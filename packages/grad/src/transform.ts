import { apply, type Region, topologicalOrder, type Value, withinRegion } from './graph/node.ts'
import { gradients } from './graph/reverse.ts'
import { type FloatArray, isNdArray, type NdArray, ndarray, type Parameters, sizeOf } from './ndarray.ts'
import { lowerProgram } from './onnx/program.ts'
import { constant as constantValue } from './ops/elementwise.ts'
import { cpu, type Device } from './runtime/device.ts'
import { compile, type Executable } from './runtime/session.ts'
import { Tensor } from './tensor.ts'
import { mapTree } from './tree.ts'

/** Concrete arguments as the traced function sees them: arrays and numbers become tensors, the rest stays. */
export type Traced<T> = T extends NdArray | number
  ? Tensor
  : T extends string | boolean | undefined | null
    ? T
    : { readonly [K in keyof T]: Traced<T[K]> }

/** A traced result as the caller gets it: tensors become arrays. */
export type Concrete<T> = T extends Tensor ? NdArray : { readonly [K in keyof T]: Concrete<T[K]> }

/** Options of a compiled function. */
export interface CompileOptions {
  readonly device?: Device
  /** What the function's programs may keep together, in bytes; beyond it the least used are released. Default 12 GB. */
  readonly memory?: number | undefined
}

/** A compiled function; one program per signature of shapes and static arguments, released by `dispose`. */
export interface Compiled<Arguments extends readonly unknown[], Result> {
  (...args: Arguments): Promise<Result>
  readonly dispose: () => Promise<void>
}

/** What a differentiated function returns: a scalar loss, or a loss with further tensors to report. */
export type LossAndStats =
  | Tensor
  | { readonly loss: Tensor; readonly stats: Readonly<Record<string, Tensor>> }

/** Loss, further outputs and the loss's gradient by parameter name. */
export interface ValueAndGradients {
  readonly value: number
  readonly aux: Readonly<Record<string, NdArray>>
  readonly grads: Parameters
}

/** Compiles a function of arrays: traced once per signature, run on ONNX Runtime. Numbers are scalar inputs. */
export function value<A extends readonly unknown[], R>(
  f: (...args: { [K in keyof A]: Traced<A[K]> }) => R,
  options: CompileOptions = {},
): Compiled<A, Concrete<R>> {
  return compiled<A, Concrete<R>>(options, (args) => {
    const outputs: Value[] = []
    const layout = mapTree(f(...(args as { [K in keyof A]: Traced<A[K]> })), (leaf, path) => {
      if (!(leaf instanceof Tensor)) throw new TypeError(`the function's result at '${path}' is not a tensor`)
      return outputs.push(leaf.value) - 1
    })
    return { outputs, assemble: (arrays) => mapTree(layout, (leaf) => arrays[leaf as number]) as Concrete<R> }
  })
}

/** Compiles a scalar loss and its gradient by the first argument (reverse mode, one program). */
export function valueAndGrad<A extends readonly unknown[]>(
  f: (parameters: Record<string, Tensor>, ...args: { [K in keyof A]: Traced<A[K]> }) => LossAndStats,
  options: CompileOptions = {},
): Compiled<[parameters: Parameters, ...args: A], ValueAndGradients> {
  return compiled<[Parameters, ...A], ValueAndGradients>(options, (args) => {
    const [parameters, ...rest] = args as [Record<string, Tensor>, ...{ [K in keyof A]: Traced<A[K]> }]
    const result = f(parameters, ...rest)
    const { loss, stats } = result instanceof Tensor ? { loss: result, stats: {} } : result
    const names = Object.keys(parameters)
    const cotangents = gradients(
      loss.value,
      names.map((name) => parameters[name]!.value),
    )
    const reported = Object.entries(stats)
    return {
      outputs: [loss.value, ...cotangents, ...reported.map(([, tensor]) => tensor.value)],
      assemble: ([first, ...arrays]) => ({
        value: first!.data[0]!,
        grads: Object.fromEntries(names.map((name, i) => [name, arrays[i] as FloatArray])),
        aux: Object.fromEntries(reported.map(([name], i) => [name, arrays[names.length + i]!])),
      }),
    }
  })
}

/** Recomputes the block's intermediate values in the reverse pass instead of keeping them (Chen et al. 2016). */
export function checkpoint<A extends readonly unknown[], R>(block: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    const region: Region = { name: block.name }
    return withinRegion(region, () => block(...args))
  }
}

/** A concrete array as part of the program, which ONNX Runtime may pack for speed. */
export function constant(array: NdArray): Tensor {
  return new Tensor(constantValue(array))
}

/** Parameters as constants of the program: fast to decode with, recompiled when they change. */
export function freeze(parameters: Parameters): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(parameters).map(([name, array]) => [name, constant(array)]))
}

const heldTensors = new WeakMap<NdArray, Tensor>()
let heldCount = 0

/** Arrays that programs share and read anew at every run: no copy and no packing, and no gradient. */
export function hold(parameters: Parameters): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(parameters).map(([name, array]) => [name, heldTensor(array)]))
}

function heldTensor(array: NdArray): Tensor {
  const known = heldTensors.get(array)
  if (known) return known
  const { shape, dtype } = array
  const tensor = new Tensor(apply('input', [], { name: `held${heldCount++}`, shape, dtype, held: array }))
  heldTensors.set(array, tensor)
  return tensor
}

interface Program<Result> {
  readonly outputs: readonly Value[]
  readonly assemble: (arrays: readonly NdArray[]) => Result
}

interface Built<Result> {
  readonly program: Program<Result>
  readonly executable: Executable
  /** Of all values that it computes and of its constants, which bound the memory that its session keeps. */
  readonly bytes: number
}

/** Values that the program computes, and twice its constants: ONNX Runtime keeps a copy and packs another. */
function bytesOf(outputs: readonly Value[]): number {
  return topologicalOrder(outputs).reduce((sum, { primitive, outputs: values }) => {
    const copies = primitive === 'input' ? 0 : primitive === 'constant' ? 2 : 1
    return values.reduce((bytes, { shape }) => bytes + 4 * copies * sizeOf(shape), sum)
  }, 0)
}

function compiled<A extends readonly unknown[], Result>(
  { device = cpu(), memory = 12e9 }: CompileOptions,
  trace: (args: readonly unknown[]) => Program<Result>,
): Compiled<A, Result> {
  const programs = new Map<string, Promise<Built<Result>>>()
  const build = async (args: A) => {
    const traced = mapTree(args, (leaf, path) => tracedLeaf(leaf, path)) as unknown[]
    const program = trace(traced)
    const executable = await compile(lowerProgram(program.outputs), device)
    return { program, executable, bytes: bytesOf(program.outputs) }
  }
  /** Releases the programs that were not used for longest, until those that stay fit the memory. */
  const makeRoom = async (latest: string) => {
    const settled = await Promise.all([...programs].map(async ([key, entry]) => ({ key, ...(await entry) })))
    let total = settled.reduce((sum, { bytes }) => sum + bytes, 0)
    for (const { key, bytes, executable } of settled) {
      if (total <= memory) break
      if (key === latest || running.has(key)) continue
      programs.delete(key)
      total -= bytes
      await executable.dispose()
    }
  }
  const running = new Map<string, number>()
  const run = async (...args: A) => {
    const arrays = new Map<string, NdArray>()
    const signature = signatureOf(args, arrays)
    const known = programs.get(signature)
    const entry = known ?? build(args)
    programs.delete(signature) // the map's order is that of the last use
    programs.set(signature, entry)
    running.set(signature, (running.get(signature) ?? 0) + 1)
    try {
      if (!known) {
        await entry.catch(() => programs.delete(signature))
        if (programs.has(signature)) await makeRoom(signature)
      }
      const { program, executable } = await entry
      return program.assemble(await executable.run(arrays))
    } finally {
      const left = running.get(signature)! - 1
      if (left > 0) running.set(signature, left)
      else running.delete(signature)
    }
  }
  const dispose = async () => {
    const entries = [...programs.values()]
    programs.clear()
    for (const entry of entries) await (await entry).executable.dispose()
  }
  return Object.assign(run, { dispose })
}

function tracedLeaf(leaf: unknown, path: string): unknown {
  if (typeof leaf === 'number') return input(path, { shape: [], dtype: 'float32' })
  return isNdArray(leaf) ? input(path, leaf) : leaf
}

function input(name: string, { shape, dtype }: Pick<NdArray, 'shape' | 'dtype'>): Tensor {
  return new Tensor(apply('input', [], { name, shape: [...shape], dtype }))
}

/** Shapes, types and static values of the arguments; collects the arrays by path. */
function signatureOf(args: readonly unknown[], arrays: Map<string, NdArray>): string {
  const parts: string[] = []
  mapTree(args, (leaf, path) => {
    const array = typeof leaf === 'number' ? ndarray([leaf], []) : isNdArray(leaf) ? leaf : undefined
    if (array) arrays.set(path, array)
    parts.push(array ? `${path}:${array.dtype}[${array.shape}]` : `${path}=${staticText(leaf, path)}`)
  })
  return parts.join(';')
}

function staticText(leaf: unknown, path: string): string {
  if (leaf === undefined || leaf === null || typeof leaf === 'boolean') return String(leaf)
  if (typeof leaf === 'string') return JSON.stringify(leaf)
  const kind = typeof leaf === 'object' ? leaf.constructor.name : typeof leaf
  throw new TypeError(
    `argument '${path}' is a ${kind}, expected an array, number, string, boolean, or lists and records of them`,
  )
}
