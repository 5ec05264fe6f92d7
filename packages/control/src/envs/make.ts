import { gameEntries } from '../games/entries.ts'
import { checked } from './checked.ts'
import { acrobot } from './classic/acrobot.ts'
import { cartPole } from './classic/cart-pole.ts'
import { mountainCar } from './classic/mountain-car.ts'
import { pendulum } from './classic/pendulum.ts'
import type { Environment } from './environment.ts'
import { hopperBackflip } from './mujoco/hopper-backflip.ts'
import { mujocoEnvironment, type Task } from './mujoco/task.ts'
import {
  ant,
  halfCheetah,
  hopper,
  invertedPendulum,
  reacher,
  swimmer,
  type Version,
  walker2d,
} from './mujoco/tasks.ts'
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
  'CartPole-v1': { make: cartPole, maxSteps: 500 },
  'Pendulum-v1': { make: pendulum, maxSteps: 200 },
  'MountainCar-v0': { make: mountainCar, maxSteps: 200 },
  'Acrobot-v1': { make: acrobot, maxSteps: 500 },
  ...mujocoEntries('Hopper', hopper),
  'HopperBackflip-v0': { make: () => mujocoEnvironment(hopperBackflip()), maxSteps: 400 },
  ...mujocoEntries('HalfCheetah', halfCheetah),
  ...mujocoEntries('Walker2d', walker2d),
  ...mujocoEntries('Ant', ant),
  ...mujocoEntries('Swimmer', swimmer),
  ...mujocoEntries('InvertedPendulum', invertedPendulum),
  ...mujocoEntries('Reacher', reacher, 50),
  ...gameEntries,
}

/** Gymnasium's versions 4 and 5 of a MuJoCo task. */
function mujocoEntries(
  name: string,
  task: (version: Version) => Task,
  maxSteps = 1000,
): Record<string, Entry> {
  const entry = (version: Version) => ({ make: () => mujocoEnvironment(task(version)), maxSteps })
  return { [`${name}-v4`]: entry(4), [`${name}-v5`]: entry(5) }
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
