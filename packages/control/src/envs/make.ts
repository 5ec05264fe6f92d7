import { gameEntries } from '../games/entries.ts'
import { checked } from './checked.ts'
import { cartPole } from './classic/cart-pole.ts'
import type { Environment } from './environment.ts'
import { timeLimit } from './time-limit.ts'

/** Choices that every environment knows. */
export interface EnvironmentOptions {
  /** Steps after which an episode is truncated; the environment's usual number when it is not given. */
  readonly maxSteps?: number
}

/** An environment's maker with its usual time limit. */
interface Entry {
  readonly make: () => Environment | Promise<Environment>
  readonly maxSteps: number
}

const entries: Readonly<Record<string, Entry>> = {
  ...gameEntries,
  'CartPole-v1': { make: cartPole, maxSteps: 500 },
}

/** Names of the environments that `makeEnvironment` makes. */
export const environmentIds: readonly string[] = Object.keys(entries)

/** An environment by its name, with its time limit and with checks of what it is given and what it returns. */
export async function makeEnvironment(
  id: string,
  { maxSteps }: EnvironmentOptions = {},
): Promise<Environment> {
  const entry = entries[id]
  if (!entry) throw new RangeError(`there is no environment '${id}'; there are ${environmentIds.join(', ')}`)
  return checked(timeLimit(await entry.make(), maxSteps ?? entry.maxSteps))
}
