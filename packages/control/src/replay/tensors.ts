import { ndarray, type Optimizer, type Parameters } from '@attune/grad'

/** A copy that shares nothing. */
export function copied(parameters: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, array]) => [name, ndarray(array.data.slice(), array.shape)]),
  )
}

/** Copies saved values into live parameters. Throws a `RangeError` for one that is missing or of another size. */
export function takeParameters(parameters: Parameters, saved: Parameters): void {
  for (const [name, { data }] of Object.entries(parameters)) {
    const found = saved[name]
    if (found?.data.length !== data.length)
      throw new RangeError(`the saved '${name}' is missing or of another size; was the recipe changed?`)
    data.set(found.data)
  }
}

type Groups = Readonly<Record<string, Parameters>>
type Optimizers = Readonly<Record<string, Optimizer>>

/** Live weights and optimisers as `<group>.<parameter>` and `<group>_optimizer.<moment>`. */
export function agentTensors(weights: Groups, optimizers: Optimizers): Parameters {
  const states = Object.entries(optimizers).map(([name, optimizer]) => [
    `${name}_optimizer`,
    optimizer.state(),
  ])
  return { ...prefixed(weights), ...prefixed(Object.fromEntries(states)) }
}

/** Takes back what `agentTensors` gave, by copy. Throws when a tensor is missing or of another size. */
export function restoreAgent(saved: Parameters, weights: Groups, optimizers: Optimizers): void {
  takeParameters(prefixed(weights), saved)
  for (const [name, optimizer] of Object.entries(optimizers))
    optimizer.restore(partOf(saved, `${name}_optimizer.`))
}

function prefixed(groups: Groups): Parameters {
  return Object.fromEntries(
    Object.entries(groups).flatMap(([group, parameters]) =>
      Object.entries(parameters).map(([name, array]) => [`${group}.${name}`, array]),
    ),
  )
}

/** The tensors whose names begin with a prefix, without it. */
function partOf(tensors: Parameters, prefix: string): Parameters {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, array]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), array]] : [],
    ),
  )
}
