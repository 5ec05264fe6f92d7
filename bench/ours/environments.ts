import { readFileSync } from 'node:fs'
import {
  compiledActing,
  type Environment,
  executable,
  makeEnvironment,
  mlpActorCritic,
  spaceSize,
} from '@attune/control'
import { randomKey } from '@attune/grad'
import { environmentIds, environmentSeconds, warmUpSeconds } from '../workload.ts'
import { report } from './report.ts'

const numbers: Record<string, number> = {}
for (const id of environmentIds) numbers[id] = await stepsPerSecond(id)
report({ ...numbers, ...(await actingTimes()) })

/** Steps a second of this thread's processor time with random actions, with resets where episodes end. */
async function stepsPerSecond(id: string): Promise<number> {
  const environment = await makeEnvironment(id)
  const actions = randomActions(environment)
  environment.reset(0)
  let at = 0
  const play = () => {
    const { terminated, truncated } = environment.step(actions[at++ % actions.length]!)
    if (terminated || truncated) environment.reset()
  }
  const rate = (seconds: number) => {
    const began = processorSeconds()
    const from = at
    while (processorSeconds() - began < seconds) for (let i = 0; i < 100; i++) play()
    return (at - from) / (processorSeconds() - began)
  }
  rate(warmUpSeconds)
  const measured = rate(environmentSeconds)
  environment.close?.()
  return measured
}

/** User and system time of the main thread: V8's compilers and collectors, on threads of their own, are left out. */
function processorSeconds(): number {
  const fields = readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function randomActions({ actionSpace }: Environment): (Float32Array | number)[] {
  const { uniform, int } = randomKey(0, 'actions')
  return Array.from({ length: 1000 }, () => {
    if (actionSpace.kind === 'discrete') return int(actionSpace.n)
    const wide = Float32Array.from({ length: spaceSize(actionSpace) }, () => 4 * (uniform() - 0.5))
    return executable(wide, actionSpace)
  })
}

/** Microseconds of a policy and critic of 64 × 64 for one state of Hopper: plain loops, and a program of ONNX Runtime. */
async function actingTimes(): Promise<{ plain: number; compiled: number }> {
  const environment = await makeEnvironment('Hopper-v4')
  const network = mlpActorCritic(environment)
  const parameters = network.initial(0)
  const states = Float32Array.from({ length: 11 }, randomKey(0, 'states').normal)
  const program = compiledActing(network, parameters)
  const time = async (run: () => unknown) => {
    for (let i = 0; i < 500; i++) await run()
    const began = performance.now()
    for (let i = 0; i < 3000; i++) await run()
    return (performance.now() - began) / 3
  }
  const plain = network.acting(parameters)
  const times = {
    plain: await time(() => plain.forward(states)),
    compiled: await time(() => program.forward(states)),
  }
  await program.dispose()
  environment.close?.()
  return times
}
