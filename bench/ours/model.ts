import { type Parameters, randomKey } from '@attune/grad'
import { type Architecture, architectureOf, initialise, parseConfig } from '@attune/lm'
import { config } from '../workload.ts'

/** The model with random weights. */
export function benchModel(): { architecture: Architecture; parameters: Parameters } {
  const architecture = architectureOf(parseConfig(config, 'bench'))
  return { architecture, parameters: initialise(architecture, (name) => randomKey(0, name)) }
}
