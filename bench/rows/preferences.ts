import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lastLine, type Numbers, ours } from '../child.ts'
import { lower, type Row } from './row.ts'

const folder = process.env.ATTUNE_IMITATION ?? join(homedir(), '.cache/attune/imitation')
const python = join(folder, 'bin/python')
const script = fileURLToPath(new URL('../peers/preferences.py', import.meta.url))

/** How much is learnt, and how often. */
export interface PreferenceSize {
  readonly steps: number
  readonly labels: number
  readonly seeds: readonly number[]
}

/** Steps in a rollout of both sides, and parts into which both divide a run's steps. */
const [rollout, parts] = [2048, 20]

/**
 * Pendulum from comparisons of clips against Python's `imitation`, seed by seed and one after the other: same task, labels,
 * steps, PPO and one thread each. `bench/peers/setup-imitation.sh` makes its environment.
 */
export async function preferenceRows({ steps, labels, seeds }: PreferenceSize): Promise<Row[]> {
  const hasPeer = existsSync(python)
  if (!hasPeer) console.error('no imitation to compare with: bench/peers/setup-imitation.sh installs it')
  const rollouts = Math.max(2, Math.round(steps / rollout))
  const whole = rollout * (rollouts > parts ? parts * Math.round(rollouts / parts) : rollouts)
  const rounds: { ours: Numbers; peer: Numbers | undefined }[] = []
  for (const seed of seeds) {
    const mine = await ours(`preferences@${seed}@${labels}@${whole}`)
    const options = ['--seed', `${seed}`, '--labels', `${labels}`, '--steps', `${whole}`]
    const theirs = hasPeer ? await lastLine(python, [script, ...options]) : undefined
    rounds.push({ ours: mine, peer: theirs })
    console.error(`seed ${seed}: ${JSON.stringify(mine)} against ${JSON.stringify(theirs)}`)
  }
  const means = (name: string, sign = 1) => ({
    ours: sign * mean(rounds.map((round) => round.ours[name]!)),
    peer: hasPeer ? sign * mean(rounds.map(({ peer }) => peer![name]!)) : null,
  })
  const what = `Pendulum from ${labels} labels, ${whole} steps, ${seeds.length} seeds`
  return [
    lower({ name: `${what}: cost of an episode (−return)`, unit: '', limit: '≤ peer' }, means('return', -1)),
    lower({ name: `${what}: wall time`, unit: 's', limit: '≤ ½ × peer' }, means('seconds')),
    lower({ name: `${what}: processors`, unit: 'core·s', limit: '≤ ½ × peer' }, means('processors')),
  ]
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}
