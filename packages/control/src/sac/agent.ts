import { adamw, ndarray, type Parameters, type Random } from '@attune/grad'
import { rewardParameters } from '../preferences/reward-network.ts'
import type { SacOptions } from './options.ts'
import { type SacNetworks, sacPrograms } from './programs.ts'
import type { Replay } from './replay.ts'

/** Actor, twin critics with their slow copies, temperature, and their optimisers. */
export type SacAgent = ReturnType<typeof sacAgent>

type AgentOptions = Pick<SacOptions, 'seed' | 'batchSize' | 'learningRate' | 'gamma' | 'tau'>

/** An agent with its first weights. */
export function sacAgent(networks: SacNetworks, options: AgentOptions) {
  const { seed, learningRate } = options
  const programs = sacPrograms(networks, options.gamma)
  const critics = rewardParameters(networks.critics, seed + 2)
  const weights = {
    actor: rewardParameters(networks.actor, seed + 1),
    critics,
    slow: copied(critics),
    temperature: { log_alpha: ndarray([Math.log(0.1)], [1]) } as Parameters,
  }
  const optimizers = {
    actor: adamw({ learningRate }),
    critics: adamw({ learningRate }),
    temperature: adamw({ learningRate }),
  }
  const observationSize = networks.actor.sizes[0]!
  const alpha = () => Math.exp(weights.temperature.log_alpha!.data[0]!)
  return {
    alpha,
    /** Live weights of the actor. */
    actor: weights.actor,
    /** Actions in −1 … 1: drawn, or without random numbers the likeliest. */
    act: async (rows: Float32Array, random: Random | undefined): Promise<Float32Array> => {
      const shape = [rows.length / observationSize, observationSize]
      const { mean, logStd } = await programs.act(weights.actor, ndarray(rows, shape))
      return Float32Array.from(mean.data, (m, i) =>
        Math.tanh(m + (random ? Math.exp(logStd.data[i]!) * random.normal() : 0)),
      )
    },
    /** One step of critics, actor and temperature on a batch of the buffer, and of the slow critics after them. */
    update: async (buffer: Replay, toUnit: (taken: Float32Array) => Float32Array, random: Random) => {
      const batch = drawBatch(buffer, { ...options, networks, toUnit, random })
      const targets = await programs.target(weights.actor, weights.slow, batch.ahead, alpha())
      const { observations, actions, noise } = batch
      const judged = await programs.critic(weights.critics, { observations, actions, targets })
      optimizers.critics.update(weights.critics, judged.grads)
      const improved = await programs.actor(weights.actor, weights.critics, { observations, noise }, alpha())
      optimizers.actor.update(weights.actor, improved.grads)
      // J(α) = E[−log α (log π + H̄)] with H̄ = −|A|
      const gradient = -(improved.aux.logProb!.data[0]! - networks.actionSize)
      optimizers.temperature.update(weights.temperature, { log_alpha: ndarray([gradient], [1]) })
      follow(weights.slow, weights.critics, options.tau)
      return { critic: judged.value, actor: improved.value }
    },
    /** Everything that updates change, live: `<network>.<parameter>` and `<network>_optimizer.<moment>`. */
    tensors: (): Parameters => ({ ...prefixed(weights), ...prefixed(statesOf(optimizers)) }),
    /** Takes back what `tensors` gave, by copy. */
    restore: (saved: Parameters) => {
      for (const [name, { data }] of Object.entries(prefixed(weights))) {
        const found = saved[name]
        if (found?.data.length !== data.length)
          throw new RangeError(`the saved '${name}' is missing or of another size; was the recipe changed?`)
        data.set(found.data)
      }
      for (const [name, optimizer] of Object.entries(optimizers))
        optimizer.restore(partOf(saved, `${name}_optimizer.`))
    },
    dispose: async () => {
      for (const program of Object.values(programs)) await program.dispose()
    },
  }
}

interface Drawing extends Pick<AgentOptions, 'batchSize'> {
  readonly networks: SacNetworks
  readonly toUnit: (taken: Float32Array) => Float32Array
  readonly random: Random
}

/** Rows drawn from the buffer, with the noise of both draws of actions. */
function drawBatch(buffer: Replay, { batchSize, networks, toUnit, random }: Drawing) {
  const rows = buffer.rows(Array.from({ length: batchSize }, () => random.int(buffer.labelled())))
  const { actionSize } = networks
  const matrix = (data: Float32Array) => ndarray(data, [batchSize, data.length / batchSize])
  const vector = (data: Float32Array) => ndarray(data, [batchSize])
  const noise = () => matrix(Float32Array.from({ length: batchSize * actionSize }, random.normal))
  return {
    observations: matrix(rows.observations),
    actions: matrix(toUnit(rows.actions)),
    ahead: {
      next: matrix(rows.next),
      noise: noise(),
      rewards: vector(rows.rewards),
      terminated: vector(rows.terminated),
    },
    noise: noise(),
  }
}

/** Q̄ ← (1 − τ) Q̄ + τ Q */
function follow(slow: Parameters, critics: Parameters, tau: number): void {
  for (const [name, { data }] of Object.entries(slow)) {
    const fast = critics[name]!.data
    for (let i = 0; i < data.length; i++) data[i]! += tau * (fast[i]! - data[i]!)
  }
}

function copied(parameters: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, array]) => [name, ndarray(array.data.slice(), array.shape)]),
  )
}

function statesOf(optimizers: Readonly<Record<string, { readonly state: () => Parameters }>>) {
  return Object.fromEntries(
    Object.entries(optimizers).map(([name, optimizer]) => [`${name}_optimizer`, optimizer.state()]),
  )
}

function prefixed(groups: Readonly<Record<string, Parameters>>): Parameters {
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
