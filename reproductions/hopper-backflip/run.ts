/**
 * Hopper's backflip from comparisons: trains, plays 20 episodes, and keeps what they did.
 * node --conditions=source --import tsx reproductions/hopper-backflip/run.ts [seed …]
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const results = new URL('results/', import.meta.url)
const episodes = 20

interface Episode {
  readonly return: number
  readonly info: { readonly turned: number }
}

/** Runs `attune` and gives what it printed to standard output. */
async function attune(...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['packages/cli/bin/attune.js', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (data) => {
    out += data
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`attune ${args.join(' ')} ended with ${code}`)
  return out
}

async function runOnce(seed: number): Promise<void> {
  const run = `runs/hopper-backflip-${seed}/control-hopper-backflip`
  const training = ['--seed', String(seed), '--runs', `runs/hopper-backflip-${seed}`, '--resume']
  await attune('control', 'preferences', 'recipes/control-hopper-backflip.yaml', ...training)
  const strip =
    seed === 1
      ? ['--strip', 'reproductions/hopper-backflip/strip.png', '--every', '10', '--frames', '24']
      : []
  const played = await attune('control', 'play', `${run}/policy`, '--episodes', String(episodes), ...strip)
  const lines = played.trim().split('\n')
  const metrics = (await readFile(`${root}${run}/metrics.jsonl`, 'utf8')).trim().split('\n')
  const result = {
    seed,
    labels: JSON.parse(metrics.at(-1)!)['labels/given'],
    steps: JSON.parse(metrics.at(-1)!)['time/total_timesteps'],
    episodes: lines.map((line) => {
      const { return: score, info } = JSON.parse(line) as Episode
      return { score: round(score), turns: round(info.turned / (2 * Math.PI)) }
    }),
    // steps, comparisons given, mean score of the episodes that ended
    curve: metrics.map((line) => {
      const metric = JSON.parse(line)
      return ['time/total_timesteps', 'labels/given', 'rollout/ep_rew_mean'].map((name) =>
        round(metric[name]),
      )
    }),
  }
  const flipped = result.episodes.filter(({ turns }) => turns >= 1).length
  console.log(`seed ${seed}: ${flipped} of ${episodes} episodes turned over, ${result.labels} labels`)
  await writeFile(new URL(`seed-${seed}.json`, results), `${JSON.stringify(result)}\n`)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

await mkdir(results, { recursive: true })
const seeds = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 2, 3]
for (const seed of seeds) if (!existsSync(new URL(`seed-${seed}.json`, results))) await runOnce(seed)
