import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadControlRecipe } from './recipe.ts'

const folder = mkdtempSync(join(tmpdir(), 'attune-control-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function load(text: string, overrides: readonly string[] = []) {
  const path = join(folder, 'recipe.yaml')
  writeFileSync(path, text)
  return loadControlRecipe(path, overrides)
}

const recipe = `name: balance
environment: CartPole-v1
environments: 2
total_steps: 2560
steps: 64
`

test('defaults are filled in, and overrides win', async () => {
  expect(await load(recipe, ['gamma=0.9'])).toMatchObject({
    gamma: 0.9,
    lambda: 0.95,
    network: { kind: 'mlp', hidden: [64, 64] },
  })
})

test('a mistake is named with its line and field', async () => {
  await expect(load(recipe.replace('CartPole-v1', 'CartPole-v9'))).rejects.toThrow(
    /recipe\.yaml:2: environment: .*found "CartPole-v9"/,
  )
  await expect(load(`${recipe}entropy_coeficient: 0.1\n`)).rejects.toThrow(
    "did you mean 'entropy_coefficient'?",
  )
  await expect(load(recipe, ['minibatches=200'])).rejects.toThrow(
    'minibatches is 200, but an iteration has only 128 steps',
  )
  await expect(load(recipe, ['total_steps=100'])).rejects.toThrow("less than one iteration's 128")
})

test('soft actor-critic has its own fields, and PPO’s are refused there', async () => {
  const sac = recipe.replace('CartPole-v1', 'Pendulum-v1').concat('learner: sac\n')
  expect(await load(sac)).toMatchObject({ learner: 'sac', batch_size: 256, network: { hidden: [256, 256] } })
  await expect(load(`${sac}epochs: 10\n`)).rejects.toThrow("recipe has no field 'epochs'")
  await expect(load(`${sac}batchsize: 10\n`)).rejects.toThrow("did you mean 'batch_size'?")
  expect(await load(`${sac}threads: 1\n`)).toMatchObject({ threads: 1 })
  await expect(load(sac, ['threads=4'])).rejects.toThrow(
    'threads: soft actor-critic computes on one thread; leave it out, found 4',
  )
  await expect(load(recipe, ['learner=trpo'])).rejects.toThrow(/recipe\.yaml: learner: .*found "trpo"/)
})

test('A2C and deep Q-learning have their own defaults, and PPO’s clips and epochs are refused there', async () => {
  const a2c = recipe.replace('steps: 64\n', 'learner: a2c\n')
  expect(await load(a2c)).toMatchObject({ steps: 5, lambda: 1, learning_rate: 7e-4 })
  await expect(load(`${a2c}clip_range: 0.2\n`)).rejects.toThrow("recipe has no field 'clip_range'")
  const dqn = `${recipe}learner: dqn\n`
  expect(await load(dqn)).toMatchObject({
    batch_size: 32,
    target_interval: 1000,
    network: { hidden: [64, 64] },
  })
  await expect(load(`${dqn}epochs: 4\n`)).rejects.toThrow("recipe has no field 'epochs'")
})
