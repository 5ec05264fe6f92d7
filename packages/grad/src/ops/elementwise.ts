import { apply, isPrimitive, type Value } from '../graph/node.ts'
import { type DType, type NdArray, ndarray } from '../ndarray.ts'
import { broadcastShapes, sameShape } from '../rules/shape.ts'

/** An operand: a symbolic value, or a number that takes the other operand's type. */
export type Operand = Value | number

/** A concrete array as part of the program. */
export function constant(value: NdArray): Value {
  return apply('constant', [], { value })
}

/** A scalar constant. */
export function scalar(value: number, dtype: DType = 'float32'): Value {
  if (dtype === 'int32') return constant({ dtype, shape: [], data: Int32Array.of(value) })
  if (dtype === 'bool') return constant({ dtype, shape: [], data: Uint8Array.of(value) })
  return constant(ndarray([value], []))
}

/** The value, or a number as a scalar of `dtype`. */
export function lift(operand: Operand, dtype: DType = 'float32'): Value {
  return typeof operand === 'number' ? scalar(operand, dtype) : operand
}

const unary =
  (
    primitive:
      | 'neg'
      | 'exp'
      | 'log'
      | 'log1p'
      | 'sqrt'
      | 'reciprocal'
      | 'abs'
      | 'sign'
      | 'sin'
      | 'cos'
      | 'tanh'
      | 'sigmoid'
      | 'softplus'
      | 'erf'
      | 'relu'
      | 'silu'
      | 'logicalNot'
      | 'stopGradient',
  ) =>
  (x: Value): Value =>
    apply(primitive, [x], {})

export const neg = unary('neg')
export const exp = unary('exp')
export const log = unary('log')
export const log1p = unary('log1p')
export const sqrt = unary('sqrt')
export const reciprocal = unary('reciprocal')
export const abs = unary('abs')
export const sign = unary('sign')
export const sin = unary('sin')
export const cos = unary('cos')
export const tanh = unary('tanh')
export const sigmoid = unary('sigmoid')
export const softplus = unary('softplus')
export const erf = unary('erf')
export const relu = unary('relu')
export const silu = unary('silu')
export const logicalNot = unary('logicalNot')
export const stopGradient = unary('stopGradient')

/** GELU: exact with the error function, or its tanh approximation (Hendrycks and Gimpel 2016). */
export function gelu(x: Value, approximate: 'tanh' | 'none' = 'tanh'): Value {
  return apply('gelu', [x], { approximate })
}

/** The same elements in another type. */
export function cast(x: Value, dtype: DType): Value {
  return x.dtype === dtype ? x : apply('cast', [x], { dtype })
}

type Binary =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'minimum'
  | 'maximum'
  | 'less'
  | 'lessEqual'
  | 'equal'
  | 'logicalAnd'
  | 'logicalOr'

const binary =
  (primitive: Binary) =>
  (a: Operand, b: Operand): Value => {
    const dtype = typeof a === 'number' ? (typeof b === 'number' ? 'float32' : b.dtype) : a.dtype
    const [x, y] = withoutBroadcasts(lift(a, dtype), lift(b, dtype))
    return apply(primitive, [x, y], {})
  }

export const add = binary('add')
export const sub = binary('sub')
export const mul = binary('mul')
export const div = binary('div')
export const pow = binary('pow')
export const minimum = binary('minimum')
export const maximum = binary('maximum')
export const less = binary('less')
export const lessEqual = binary('lessEqual')
export const equal = binary('equal')
export const logicalAnd = binary('logicalAnd')
export const logicalOr = binary('logicalOr')

/** x². */
export function square(x: Value): Value {
  return mul(x, x)
}

/** `a` where the condition holds, else `b`. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const dtype = typeof a === 'number' ? (typeof b === 'number' ? 'float32' : b.dtype) : a.dtype
  return apply('where', [condition, lift(a, dtype), lift(b, dtype)], {})
}

/** An operand that was broadcast only to meet the other one is used as it was before. */
function withoutBroadcasts(a: Value, b: Value): [Value, Value] {
  const shape = broadcastShapes(a.shape, b.shape)
  const shortA = unbroadcasted(a)
  if (shortA && sameShape(broadcastShapes(shortA.shape, b.shape), shape)) return [shortA, b]
  const shortB = unbroadcasted(b)
  if (shortB && sameShape(broadcastShapes(a.shape, shortB.shape), shape)) return [a, shortB]
  return [a, b]
}

function unbroadcasted(x: Value): Value | undefined {
  return isPrimitive(x.node, 'broadcastTo') ? x.node.inputs[0] : undefined
}
