import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const prompts = ['The people', 'Our farmers', 'The Congress', 'The nations']

/** Writes a finished run as `attune run` leaves it: stages reward, ppo, before and after, with curves, samples and results. */
export async function writeRun(
  home: string,
  { name, project, shift = 0 }: { name: string; project?: string; shift?: number },
): Promise<void> {
  const folder = join(home, 'runs', name)
  const write = async (path: string, value: unknown) => {
    const text = Array.isArray(value)
      ? value.map((row) => JSON.stringify(row)).join('\n')
      : typeof value === 'string'
        ? value
        : JSON.stringify(value)
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), `${text}\n`)
  }
  const stages = [
    '  - { stage: reward, name: reward, steps: 20 }',
    '  - { stage: ppo, name: ppo, steps: 20 }',
    '  - { stage: score, name: before }',
    '  - { stage: score, name: after }',
  ]
  await write('recipe.yaml', `name: ${name}\nstages:\n${stages.join('\n')}`)
  await write('server.json', { createdAt: '2026-01-01T00:00:00Z', project, pid: 0, started: 'gone' })
  const steps = Array.from({ length: 20 }, (_, i) => i + 1)
  await write(
    'reward/metrics.jsonl',
    steps.map((step) => ({ step, loss: 1 / step, accuracy: 1 - 1 / (step + 1) })),
  )
  await write('reward/held-out.json', {
    rewardAccuracy: 0.75,
    pairs: 40,
    calibration: {
      error: 0.08,
      bins: [0.1, 0.4, 0.6, 0.9].map((predicted, i) => ({ predicted, observed: predicted, count: 4 + i })),
    },
  })
  await write(
    'ppo/metrics.jsonl',
    steps.map((step) => ({
      step,
      'objective/scores': Math.log(step) / 2 + shift,
      'objective/kl': step / 4,
      'policy/entropy_avg': 2.2 - step / 50,
      'loss/policy_avg': -1 / step,
      'completions/mean_length': 20 + (step % 3),
    })),
  )
  await write(
    'ppo/samples.jsonl',
    [1, 10, 20].flatMap((step) =>
      prompts.map((prompt, i) => ({
        step,
        prompt,
        completion: ` as written at step ${step}, number ${i}`,
        score: step / 10 + i + shift,
        kl: step / 8,
      })),
    ),
  )
  for (const [stage, better] of [
    ['before', 0],
    ['after', 1],
  ] as const)
    await write(`${stage}/scores.json`, {
      samples: prompts.map((prompt, i) => ({
        prompt,
        completion: ` ${stage} the round, number ${i}`,
        score: i + better,
        tokens: 10 + 2 * better,
      })),
    })
  for (const stage of ['reward', 'ppo', 'before', 'after'])
    await write(`${stage}/done.json`, {
      seconds: 12,
      summary: { distinct2: stage === 'after' ? 0.7 : 0.9 },
    })
  const estimate = (value: number) => ({ value, low: value - 0.4, high: value + 0.4 })
  await write('summary.json', { name, 'score-before': estimate(1.5), 'score-after': estimate(2.5) })
}
