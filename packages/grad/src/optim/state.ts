import { type FloatArray, type Parameters, sizeOf } from '../ndarray.ts'
import { sameShape } from '../rules/shape.ts'

/** The moments by parameter and the step of an optimiser's saved state. Throws when something is missing or strange. */
export function readState(
  { step, ...arrays }: Parameters,
  names: readonly string[],
): { step: number; moments: Map<string, readonly FloatArray[]> } {
  const count = step?.data[0]
  if (count === undefined || !Number.isInteger(count) || count < 0)
    throw new TypeError(`the optimiser's state has ${count ?? 'nothing'} as 'step', expected a whole number`)
  const found = new Map<string, (FloatArray | undefined)[]>()
  for (const [key, array] of Object.entries(arrays)) {
    const slash = key.indexOf('/')
    const position = names.indexOf(key.slice(0, slash))
    if (slash < 0 || position < 0)
      throw new TypeError(`the optimiser's state has '${key}', expected ${expectedKeys(names)}`)
    const name = key.slice(slash + 1)
    const slots = found.get(name) ?? names.map(() => undefined)
    slots[position] = checkedCopy(key, array)
    found.set(name, slots)
  }
  return {
    step: count,
    moments: new Map([...found].map(([name, slots]) => [name, whole(name, slots, names)])),
  }
}

function whole(
  name: string,
  slots: readonly (FloatArray | undefined)[],
  names: readonly string[],
): FloatArray[] {
  return slots.map((array, i) => {
    if (!array) throw new TypeError(`the optimiser's state lacks '${names[i]}/${name}'`)
    if (!sameShape(array.shape, slots[0]!.shape))
      throw new TypeError(
        `the optimiser's state has '${names[i]}/${name}' as [${array.shape}] and '${names[0]}/${name}' as [${slots[0]!.shape}]`,
      )
    return array
  })
}

function checkedCopy(key: string, { dtype, shape, data }: FloatArray): FloatArray {
  if (!(data instanceof Float32Array) || data.length !== sizeOf(shape))
    throw new TypeError(
      `the optimiser's state has '${key}' as ${dtype}[${shape}] with ${data.length} elements`,
    )
  return { dtype, shape: [...shape], data: data.slice() }
}

function expectedKeys(names: readonly string[]): string {
  const keys = names.map((name) => `'${name}/<parameter>'`)
  return ["'step'", ...keys].join(', ')
}
