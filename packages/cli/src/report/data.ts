import type { CalibrationBin, Estimate } from '@attune/feedback'

/** Everything that a report shows, as plain JSON; whatever is absent is left out of the page. */
export interface ReportData {
  /** Name of the run. */
  readonly name: string
  readonly description?: string
  /** The paper that the recipe follows. */
  readonly paper?: string
  readonly seed?: number
  /** ISO 8601 time at which the run ended. */
  readonly finished?: string
  /** In the order in which they ran. */
  readonly stages: readonly ReportStage[]
  readonly rewardModel?: RewardModelReport
  readonly preferences?: PreferencesReport
  readonly evaluation?: EvaluationReport
  /** In the order of the evaluation's prompts, not chosen. */
  readonly samples?: readonly SamplePair[]
  readonly frontier?: Frontier
  /** The recipe as run, in YAML. */
  readonly recipe?: string
  /** Commands that make this run again. */
  readonly commands?: readonly string[]
  /** Machine and versions of the run's last process that trained, as shown: name → value. */
  readonly environment?: Readonly<Record<string, string>>
}

/** One record of a stage's `metrics.jsonl`; numbers that are not finite are null in JSON. */
export type MetricRecord = Readonly<Record<string, number | string | null>>

/** One stage: a training stage has metrics, any other only its name and duration. */
export interface ReportStage {
  readonly name: string
  /** `pretrain`, `sft`, `label`, `reward`, `ppo`, `evaluate`, or a kind that the report does not know. */
  readonly kind: string
  readonly metrics: readonly MetricRecord[]
  /** Wall-clock seconds of the whole stage; absent while it runs. */
  readonly seconds?: number
  /** Is its KL from the very policy that the evaluation begins with? */
  readonly fromStart?: boolean
}

/** The reward model on comparisons that it was not trained on. */
export interface RewardModelReport {
  readonly accuracy: number
  /** The same pairs under the model before training, whose head is a guess. */
  readonly accuracyBefore?: number
  /** Mean reward of the better less that of the worse completion. */
  readonly margin?: number
  /** Expected accuracy of the gold order against the same noisy answers. */
  readonly noiseCeiling?: number
  /** Held-out pairs. */
  readonly pairs: number
  readonly calibration?: { readonly bins: readonly CalibrationBin[]; readonly error: number }
  /** Accuracy of every category that the rows name. */
  readonly categories?: readonly {
    readonly category: string
    readonly accuracy: number
    readonly pairs: number
  }[]
  /** The first held-out pairs, not chosen. */
  readonly samples?: readonly JudgedPair[]
  /** The pairs that it gets wrong most surely. */
  readonly mistakes?: readonly JudgedPair[]
}

/** A pair that annotators judged, with the rewards of its completions. */
export interface JudgedPair {
  readonly prompt: string
  readonly chosen: RewardedText
  readonly rejected: RewardedText
}

/** A completion with its reward before and after training. */
export interface RewardedText {
  readonly text: string
  readonly before: number
  readonly after: number
}

/** A policy that was optimised on pairs directly, on pairs that it did not see. */
export interface PreferencesReport {
  readonly pairs: number
  /** Share of pairs that the implicit reward orders right. */
  readonly preferenceAccuracy: number
  readonly rewardMargin: number
  /** Share of pairs whose chosen completion is the likelier one, per token. */
  readonly likelihoodBefore: number
  readonly likelihoodAfter: number
  /** Nats per sequence, over completions of held-out prompts. */
  readonly kl?: number
}

/** The trained policy against the one it started from, on prompts never seen. */
export interface EvaluationReport {
  /** Whether a stage was rewarded by the gold score itself. */
  readonly goldLearnt?: boolean
  /** Share of prompts on which the trained policy has the higher gold score, ties counting ½. */
  readonly winRate: Estimate
  /** Nats per sequence. */
  readonly kl: number
  readonly goldBefore: number
  readonly goldAfter: number
  readonly rewardBefore?: number
  readonly rewardAfter?: number
  /** Prompts. */
  readonly items?: number
  readonly before?: TextMonitors
  readonly after?: TextMonitors
}

/** What shows that a policy cheats its reward: lengths and diversity. */
export interface TextMonitors {
  /** Tokens. */
  readonly meanLength?: number
  /** Shares of distinct words and word pairs. */
  readonly distinct1?: number
  readonly distinct2?: number
  /** Share of completions that ended by themselves. */
  readonly endedShare?: number
}

/** Completions of one prompt before and after. */
export interface SamplePair {
  readonly prompt: string
  readonly before: ScoredText
  readonly after: ScoredText
}

/** A completion with its scores. */
export interface ScoredText {
  readonly text: string
  readonly gold?: number
  readonly reward?: number
}

/** Gold score against KL from the starting policy, in nats per sequence. */
export interface Frontier {
  /** Evaluations on unseen prompts, the starting policy among them. */
  readonly policies: readonly FrontierPoint[]
  /** Batches of the training run, in order. */
  readonly training?: readonly { readonly kl: number; readonly gold: number }[]
  /** The best of n samples of the starting policy by reward. */
  readonly bestOf?: readonly (FrontierPoint & { readonly n: number })[]
}

/** A labelled point of the frontier. */
export interface FrontierPoint {
  readonly label: string
  readonly kl: number
  readonly gold: number
}
