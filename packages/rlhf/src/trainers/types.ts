import type { Device, Optimizer, Parameters } from '@attune/grad'
import type { Architecture } from '@attune/lm'

/** A model that is trained: its parameters and optimiser are updated in place. */
export interface Trainable {
  readonly architecture: Architecture
  readonly parameters: Parameters
  readonly optimizer: Optimizer
}

/** What a trainer yields after every optimiser step (or, in PPO, every iteration). */
export interface StepRecord {
  /** Steps done so far, counted from 1. */
  readonly step: number
  readonly metrics: Readonly<Record<string, number>>
  readonly samples?: readonly SampleRecord[]
}

/** A sampled completion with its score, for people to read. */
export interface SampleRecord {
  readonly prompt: readonly number[]
  readonly completion: readonly number[]
  readonly score: number
  /** log π − log π_ref of the completion, where a reference was asked. */
  readonly kl?: number
}

/** Common to all trainers: everything random is a function of seed and step, so a run goes on from `start` alone. */
export interface RunOptions {
  readonly seed: number
  /** Steps already done by an earlier process. */
  readonly start?: number
  /** Steps at which to stop. */
  readonly steps: number
  readonly device: Device
}
