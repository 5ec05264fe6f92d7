import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finished, workspace } from './workspace.ts'

const recipe = `name: balance
seed: 3
environment: CartPole-v1
environments: 2
total_steps: 3840
steps: 64
epochs: 2
minibatches: 2
network: { kind: mlp, hidden: [16] }
learning_rate: 0.001
save_iterations: 3
evaluation_episodes: 4
`

let place: Awaited<ReturnType<typeof workspace>>
beforeAll(async () => {
  place = await workspace()
  await place.write('recipe.yaml', recipe)
})
afterAll(() => place.remove())

const metrics = (name: string) =>
  readFileSync(place.path(`runs/${name}/metrics.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) =>
      Object.fromEntries(
        Object.entries(JSON.parse(line)).filter(
          ([key]) => !key.startsWith('time/seconds') && key !== 'time/fps' && key !== 'seconds',
        ),
      ),
    )

function checkpoints(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^step-\d+$/.test(name))
  } catch {
    return []
  }
}

test('kill -9, then --resume: the same bits as a run that was left alone', async () => {
  const whole = await place.attune('control', 'train', 'recipe.yaml', '--set', 'name=straight')
  expect(whole.stderr).toContain('over 4 episodes')
  expect(whole.code).toBe(0)

  const child = place.start(['control', 'train', 'recipe.yaml', '--set', 'name=killed'])
  const end = finished(child)
  while (checkpoints(place.path('runs/killed/checkpoints')).length === 0 && child.exitCode === null)
    await sleep(2)
  child.kill('SIGKILL')
  expect((await end).code).toBeNull()
  expect(metrics('killed').length).toBeLessThan(30)

  const resumed = await place.attune('control', 'train', 'recipe.yaml', '--set', 'name=killed', '--resume')
  expect(resumed.code).toBe(0)
  expect(metrics('killed')).toEqual(metrics('straight'))
  expect(metrics('straight')).toHaveLength(30)
  for (const file of ['policy/policy.safetensors', 'policy/policy.json', 'evaluation.json'])
    expect(
      (await place.read(`runs/killed/${file}`)).equals(await place.read(`runs/straight/${file}`)),
      file,
    ).toBe(true)

  const played = await place.attune(
    'control',
    'play',
    'runs/straight/policy',
    '--strip',
    'strip.png',
    '--frames',
    '3',
    '--animation',
    'animation.png',
    '--every',
    '10',
  )
  expect(JSON.parse(played.stdout)).toEqual({ return: expect.any(Number), steps: expect.any(Number) })
  expect((await place.read('strip.png')).subarray(1, 4).toString()).toBe('PNG')
  const animation = await place.read('animation.png')
  const frames = animation.readUInt32BE(animation.indexOf('acTL') + 4)
  expect(frames).toBe(Math.ceil(JSON.parse(played.stdout).steps / 10))
}, 60_000)
