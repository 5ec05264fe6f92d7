import { type FloatArray, ndarray, type Parameters, randomKey } from '@attune/grad'
import type { Completion } from '@attune/lm'
import { groupsOf } from '../advantages/group.ts'
import { drawnLogProbs, positionsByLength } from '../rollout/positions.ts'
import type { Sampler } from '../rollout/sampler.ts'
import { paddedLength, type Sequence } from '../rollout/sequences.ts'
import type { GrpoOptions, GrpoRun } from './grpo-options.ts'
import type { GrpoPrograms } from './grpo-programs.ts'

/** Completions in whole groups, with what policy, reference and reward say of them; arrays are [B, T]. */
export interface GroupRollout {
  readonly sequences: readonly Sequence[]
  readonly completions: readonly Completion[]
  readonly scores: readonly number[]
  /** log π_old; absent when the batch is used once, where it is log π_θ. */
  readonly oldLogp: FloatArray | undefined
  readonly referenceLogp: FloatArray | undefined
  /** Share of groups, of all that were drawn, whose scores are all equal. */
  readonly uniform: number
}

interface Step {
  readonly programs: GrpoPrograms
  readonly actor: Sampler
  readonly options: GrpoOptions
  readonly step: number
}

/** G completions of every prompt of a step, with their scores. */
export async function sampleGroups(
  run: GrpoRun,
  { programs, actor, options, step }: Step,
): Promise<GroupRollout> {
  const drawn = await drawGroups(run, { options, step, actor })
  const { sequences } = drawn
  const shaped = (data: Float32Array) => ndarray(data, [sequences.length, paddedLength(sequences)])
  const forward = (program: GrpoPrograms['logProbs'], parameters: Parameters) =>
    positionsByLength(sequences, options.microBatchSize, (rows) => program(parameters, rows))
  const old = async () =>
    run.sampler
      ? await forward(programs.logProbs, run.policy.parameters)
      : drawnLogProbs(sequences, drawn.completions)
  const reused = options.iterations * options.minibatches > 1
  const inReward = options.rewardKlCoefficient > 0
  const penalised = run.objective.klCoefficient > 0 || inReward
  return {
    ...drawn,
    oldLogp: reused || inReward ? shaped(await old()) : undefined,
    referenceLogp: penalised
      ? shaped(await forward(programs.referenceLogProbs, referenceOf(run).parameters))
      : undefined,
  }
}

/** Advantages [B, T]: those of single tokens, or of sequences at each of their tokens. */
export function advantagesOf(
  { advantage }: Pick<GrpoRun, 'advantage'>,
  rollout: GroupRollout,
  { groupSize, rewardKlCoefficient }: Pick<GrpoOptions, 'groupSize' | 'rewardKlCoefficient'>,
): FloatArray {
  const { sequences, scores } = rollout
  const time = paddedLength(sequences)
  const drawn = sequences.map(({ prompt, completion }, row) => {
    const first = row * time + prompt.length - 1
    return [first, first + completion.length] as const
  })
  const data = new Float32Array(sequences.length * time)
  const penalties =
    rewardKlCoefficient > 0
      ? penaltiesOf(rollout, { drawn, coefficient: rewardKlCoefficient })
      : new Float32Array(data.length)
  if ('perToken' in advantage) {
    const mask = new Float32Array(data.length)
    for (const [from, to] of drawn) mask.fill(1, from, to)
    data.set(advantage.perToken({ scores, penalties, mask, time }))
  } else {
    const sums = drawn.map(([from, to]) => penalties.subarray(from, to).reduce((a, b) => a + b, 0))
    const bySequence = advantage(
      scores.map((score, row) => score + sums[row]!),
      groupSize,
    )
    for (const [row, [from, to]] of drawn.entries()) data.fill(bySequence[row]!, from, to)
  }
  return ndarray(data, [sequences.length, time])
}

/** −β·(log π_old − log π_ref) of drawn tokens, where the penalty is in the reward (RLOO, REINFORCE++). */
function penaltiesOf(
  { oldLogp, referenceLogp }: GroupRollout,
  { drawn, coefficient }: { drawn: readonly (readonly [from: number, to: number])[]; coefficient: number },
): Float32Array {
  const { data: ours } = oldLogp!
  const { data: theirs } = referenceLogp!
  const penalties = new Float32Array(ours.length)
  for (const [from, to] of drawn)
    for (let t = from; t < to; t++) penalties[t] = -coefficient * (ours[t]! - theirs[t]!)
  return penalties
}

type Drawn = Omit<GroupRollout, 'oldLogp' | 'referenceLogp'>

/** Draws until the batch is full of groups that differ in score, or the rounds are over (DAPO, Yu et al. 2025, dynamic sampling). */
async function drawGroups(run: GrpoRun, { options, step, actor }: Omit<Step, 'programs'>): Promise<Drawn> {
  const useful: Group[] = []
  const spare: Group[] = []
  let wanted = 0
  for (let round = 0; round < options.samplingRounds; round++) {
    const groups = await drawRound(run, { options, step, round, actor })
    wanted ||= groups.length
    for (const group of groups) (isUniform(group) ? spare : useful).push(group)
    if (options.samplingRounds === 1 || useful.length >= wanted) break
  }
  const chosen = [...useful, ...spare].slice(0, wanted)
  return {
    sequences: chosen.flatMap(({ sequences }) => sequences),
    completions: chosen.flatMap(({ completions }) => completions),
    scores: chosen.flatMap(({ scores }) => scores),
    uniform: spare.length / (spare.length + useful.length),
  }
}

interface Group {
  readonly sequences: readonly Sequence[]
  readonly completions: readonly Completion[]
  readonly scores: readonly number[]
}

async function drawRound(
  { reward, ...run }: GrpoRun,
  { options, step, round, actor }: Omit<Step, 'programs'> & { round: number },
): Promise<Group[]> {
  const { groupSize } = options
  const prompts = run
    .prompts(step, round)
    .flatMap((prompt) => Array.from({ length: groupSize }, () => prompt))
  const seed = randomKey(options.seed, 'rollout', step, round).int(2 ** 31)
  const completions = await actor.sample(prompts, { ...options, seed })
  const sequences = completions.map(({ tokens }, row) => ({ prompt: prompts[row]!, completion: tokens }))
  const scores = groupsOf(await reward(sequences), groupSize)
  const drawn = groupsOf(completions, groupSize)
  return groupsOf(sequences, groupSize).map((group, i) => ({
    sequences: group,
    completions: drawn[i]!,
    scores: scores[i]!,
  }))
}

function isUniform({ scores }: Group): boolean {
  return scores.every((score) => score === scores[0])
}

function referenceOf({ reference }: GrpoRun): NonNullable<GrpoRun['reference']> {
  if (!reference) throw new TypeError('a KL penalty is on, but there is no reference')
  return reference
}
