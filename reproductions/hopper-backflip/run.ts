/**
 * Hopper's backflip from comparisons: trains, plays 20 episodes, and keeps what they did; what has a result is not run again.
 * node --conditions=source --import tsx reproductions/hopper-backflip/run.ts [seed …]
 */
import { join } from 'node:path'
import { attune, metricsOf, root } from '../shared/attune.ts'
import { missingSeeds, rounded, writeSeed } from '../shared/seeds.ts'

const episodes = 20

interface Episode {
  readonly return: number
  readonly info: { readonly turned: number }
}

/** Pictures of an episode: a strip of its first moments, and all of it in real time. */
function draw(policy: string): void {
  const strip = 'reproductions/hopper-backflip/strip.png'
  attune('control', 'play', policy, '--strip', strip, '--frames', '24', '--every', '10')
  const flip = 'reproductions/hopper-backflip/flip.png'
  attune('control', 'play', policy, '--animation', flip, '--every', '5', '--steps-per-second', '125')
}

function runOnce(seed: number) {
  const runs = `runs/hopper-backflip-${seed}`
  const folder = `${runs}/control-hopper-backflip`
  const training = ['--seed', String(seed), '--runs', runs, '--resume']
  attune('control', 'preferences', 'recipes/control-hopper-backflip.yaml', ...training)
  const played = attune('control', 'play', `${folder}/policy`, '--episodes', String(episodes))
  if (seed === 1) draw(`${folder}/policy`)
  const metrics = metricsOf(join(root, folder))
  return {
    seed,
    labels: metrics.at(-1)!['labels/given'],
    steps: metrics.at(-1)!['time/total_timesteps'],
    episodes: played.trim().split('\n').map(episodeOf),
    // steps, comparisons given, mean score of the episodes that ended
    curve: metrics.map((metric) =>
      ['time/total_timesteps', 'labels/given', 'rollout/ep_rew_mean'].map((name) =>
        rounded(metric[name]!, 2),
      ),
    ),
  }
}

function episodeOf(line: string) {
  const { return: score, info } = JSON.parse(line) as Episode
  return { score: rounded(score, 2), turns: rounded(info.turned / (2 * Math.PI), 2) }
}

for (const seed of missingSeeds(import.meta.url)) {
  const result = runOnce(seed)
  const flipped = result.episodes.filter(({ turns }) => turns >= 1).length
  console.log(`seed ${seed}: ${flipped} of ${episodes} episodes turned over, ${result.labels} labels`)
  writeSeed(import.meta.url, seed, `${JSON.stringify(result)}\n`)
}
