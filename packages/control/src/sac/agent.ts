import { adamw, ndarray, type Parameters, type Random } from '@attune/grad'
import type { Box } from '../envs/space.ts'
import { drawActions } from '../learn/policy.ts'
import { rewardParameters } from '../preferences/reward-network.ts'
import type { Replay } from '../replay/replay.ts'
import type { ReplayAgent } from '../replay/replay-learner.ts'
import { agentTensors, copied, restoreAgent } from '../replay/tensors.ts'
import { actorOf, toUnit } from './actor.ts'
import type { SacOptions } from './options.ts'
import { type SacNetworks, sacPrograms } from './programs.ts'

/** An agent whose actor can be played. */
export interface SacAgent extends ReplayAgent {
  /** Live weights of the actor. */
  readonly actor: Parameters
}

type AgentOptions = Pick<SacOptions, 'seed' | 'batchSize' | 'learningRate' | 'gamma' | 'tau'>

/** Actor, twin critics with their slow copies, temperature, and their optimisers, with first weights. */
export function sacAgent(networks: SacNetworks, box: Box, options: AgentOptions): SacAgent {
  const { seed, learningRate } = options
  const { low, high } = box
  const network = actorOf(networks, box)
  const programs = sacPrograms(networks, options.gamma)
  const critics = rewardParameters(networks.critics, seed + 2)
  const weights = {
    actor: network.initial(seed),
    critics,
    slow: copied(critics),
    temperature: { log_alpha: ndarray([Math.log(0.1)], [1]) } as Parameters,
  }
  const optimizers = {
    actor: adamw({ learningRate }),
    critics: adamw({ learningRate }),
    temperature: adamw({ learningRate }),
  }
  const acting = network.acting(weights.actor)
  const alpha = () => Math.exp(weights.temperature.log_alpha!.data[0]!)
  const inUnits = (taken: Float32Array) =>
    taken.map((x, i) => toUnit(x, low[i % low.length]!, high[i % low.length]!))
  return {
    actor: weights.actor,
    act: async (rows, draw) => {
      const { heads } = await acting.forward(rows)
      return drawActions({ network, parameters: weights.actor }, heads, draw?.random)
    },
    update: async (buffer, random) => {
      const batch = drawBatch(buffer, { ...options, networks, inUnits, random })
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
      return { 'train/critic_loss': judged.value, 'train/actor_loss': improved.value }
    },
    metrics: () => ({ 'train/ent_coef': alpha() }),
    tensors: () => agentTensors(weights, optimizers),
    restore: (saved) => restoreAgent(saved, weights, optimizers),
    dispose: async () => {
      await acting.dispose()
      for (const program of Object.values(programs)) await program.dispose()
    },
  }
}

interface Drawing extends Pick<AgentOptions, 'batchSize'> {
  readonly networks: SacNetworks
  readonly inUnits: (taken: Float32Array) => Float32Array
  readonly random: Random
}

/** Rows drawn from the buffer, with the noise of both draws of actions. */
function drawBatch(buffer: Replay, { batchSize, networks, inUnits, random }: Drawing) {
  const rows = buffer.rows(Array.from({ length: batchSize }, () => random.int(buffer.labelled())))
  const { actionSize } = networks
  const matrix = (data: Float32Array) => ndarray(data, [batchSize, data.length / batchSize])
  const vector = (data: Float32Array) => ndarray(data, [batchSize])
  const noise = () => matrix(Float32Array.from({ length: batchSize * actionSize }, random.normal))
  return {
    observations: matrix(rows.observations),
    actions: matrix(inUnits(rows.actions)),
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
