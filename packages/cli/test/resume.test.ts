import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finished, tinyRecipe, workspace } from './workspace.ts'

let straight: Awaited<ReturnType<typeof workspace>>
let killed: Awaited<ReturnType<typeof workspace>>

beforeAll(async () => {
  straight = await workspace()
  killed = await workspace()
  for (const place of [straight, killed]) await place.write('recipe.yaml', tinyRecipe)
})

afterAll(async () => {
  await straight.remove()
  await killed.remove()
})

/** Complete checkpoints of a stage. */
function checkpoints(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^step-\d+$/.test(name))
  } catch {
    return []
  }
}

test('kill -9 in every training stage, then --resume: the same bits as a run that was left alone', async () => {
  const whole = await straight.attune('run', 'recipe.yaml')
  expect(whole.stderr).toContain('report:')
  expect(whole.code).toBe(0)

  for (const stage of ['sft', 'reward', 'dpo', 'ppo']) {
    const child = killed.start(['run', 'recipe.yaml', '--resume'])
    const end = finished(child)
    const folder = killed.path(`runs/tiny/${stage}/checkpoints`)
    while (checkpoints(folder).length === 0 && child.exitCode === null) await sleep(5)
    child.kill('SIGKILL')
    expect((await end).code).toBeNull()
  }
  const resumed = await killed.attune('run', 'recipe.yaml', '--resume')
  expect(resumed.code).toBe(0)
  for (const stage of ['sft', 'reward', 'dpo', 'ppo']) {
    const weights = `runs/tiny/${stage}/model/model.safetensors`
    expect((await killed.read(weights)).equals(await straight.read(weights)), stage).toBe(true)
    const steps = (place: typeof killed) =>
      readFileSync(place.path(`runs/tiny/${stage}/metrics.jsonl`), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => {
          const { seconds: _, ...record } = JSON.parse(line)
          return record
        })
    expect(steps(killed)).toEqual(steps(straight))
  }
  const heldOut = 'runs/tiny/reward/held-out.json'
  expect(await killed.read(heldOut)).toEqual(await straight.read(heldOut))
}, 180_000)

test('what is done is skipped, and a changed stage is run again with those after it', async () => {
  const again = await straight.attune('run', 'recipe.yaml')
  expect(again.code).toBe(0)
  expect(again.stderr.match(/done before/g)).toHaveLength(6)
  const changed = await straight.attune('run', 'recipe.yaml', '--set', 'stages.ppo.steps=2')
  expect(changed.stderr.match(/done before/g)).toHaveLength(4)
  const summary = JSON.parse((await straight.read('runs/tiny/summary.json')).toString())
  expect(summary).toMatchObject({
    rewardAccuracyBefore: expect.any(Number),
    rewardAccuracy: expect.any(Number),
    winRate: { value: expect.any(Number), low: expect.any(Number), high: expect.any(Number) },
    kl: expect.any(Number),
    goldBefore: expect.any(Number),
    goldAfter: expect.any(Number),
    seconds: { sft: expect.any(Number), ppo: expect.any(Number), total: expect.any(Number) },
  })
}, 120_000)

test('Ctrl-C saves and says how to go on', async () => {
  const child = straight.start([
    'run',
    'recipe.yaml',
    '--set',
    'stages.sft.steps=2000',
    '--set',
    'name=stopped',
  ])
  const end = finished(child)
  while (checkpoints(straight.path('runs/stopped/sft/checkpoints')).length === 0 && child.exitCode === null)
    await sleep(5)
  child.kill('SIGINT')
  const { code, stderr } = await end
  expect(code).toBe(130)
  expect(stderr).toMatch(/stopped after step \d+ of sft; go on with --resume/)
}, 60_000)
