import type {
  Demonstrations,
  PlayedPolicy,
  PolicyLearner,
  RolloutReward,
  VectorEnvironment,
} from '@attune/control'
import type { Saved } from './checkpoint.ts'

/** A learner that a recipe names, with its environments and what checkpoints of it hold. */
export interface Agent extends Saved {
  readonly environments: VectorEnvironment
  /** Takes a checkpoint back; before `learner`. */
  readonly restore: (folder: string) => Promise<void>
  /** Learns from demonstrations alone, when a run begins; before `learner`. */
  readonly imitate?: () => Promise<void>
  /** Begins after `start` iterations. */
  readonly learner: (start: number) => PolicyLearner
  /** The policy as it is now, for playing. */
  readonly policy: () => PlayedPolicy
  /** What the policy learns from when it learns from the task's own rewards. */
  readonly taskReward: RolloutReward
}

/** What an agent is made from, besides its recipe. */
export interface AgentParts {
  readonly environments: VectorEnvironment
  /** How rollouts are named; `replay` keeps what is needed to draw clips for people. */
  readonly naming: { readonly source: string; readonly drawable: boolean }
  /** What is imitated, where the recipe says how. */
  readonly shown?: Demonstrations | undefined
}
