import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { loadPreferenceRecipe, type PreferenceRecipe } from './preference-recipe.ts'
import { trainOnPreferences } from './preferences.ts'
import { loadControlRecipe } from './recipe.ts'
import { trainControl } from './train.ts'

const recipes = new URL('../../../../recipes/', import.meta.url)
const pathOf = (name: string) => new URL(name, recipes).pathname
const signal = new AbortController().signal
let runs: string

beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'attune-resume-'))
})
afterEach(() => rm(runs, { recursive: true, force: true }))

/** All files of a folder, as text that tells any two contents apart. */
async function contents(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const texts = files.map(
    async (path) => [path.slice(folder.length), await readFile(path, 'latin1')] as const,
  )
  return Object.fromEntries(await Promise.all(texts))
}

const rowsOf = async (path: string) =>
  (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

const withoutClock = (row: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !/^(time\/|seconds)/.test(name)))

/** The disk as a kill leaves it after the last iteration's log but before its checkpoint: all that came later is gone. */
async function killedAfter(step: number, folder: string, copy: string): Promise<void> {
  await cp(folder, copy, { recursive: true })
  for (const name of await readdir(join(copy, 'checkpoints')))
    if (name !== `step-${step}`) await rm(join(copy, 'checkpoints', name), { recursive: true })
  for (const name of ['policy', 'evaluation.json']) await rm(join(copy, name), { recursive: true })
}

const ppo = ['steps=64', 'minibatches=4', 'epochs=2', 'total_steps=1536', 'environments=4']
const sac = ['steps=30', 'random_steps=60', 'pretraining_steps=40', 'total_steps=180', 'batch_size=16']
const labels = ['labels=24', 'clip_steps=10', 'recent_rollouts=2', 'reward_model.updates=8']
const common = ['max_steps=50', 'save_iterations=3', 'evaluation_episodes=1', 'name=run']

it.each([
  ['PPO', 'control-pendulum-preferences.yaml', ppo],
  ['SAC after exploring', 'control-pebble-pendulum.yaml', sac],
  [
    'PPO with discrete actions, at random',
    'control-pendulum-preferences.yaml',
    [...ppo, 'environment=Acrobot-v1', 'selection=random'],
  ],
])(
  '%s from labels, killed and gone on with, ends with the bits of a run left alone',
  async (_, name, numbers) => {
    await expectSameBits(await loadPreferenceRecipe(pathOf(name), [...numbers, ...labels, ...common]))
  },
)

it('A2C and deep Q-learning from labels and demonstrations, killed and gone on with, end with the same bits', async () => {
  const small = ['total_steps=512', 'environments=1', 'evaluation_episodes=1', 'max_steps=50']
  const expert = await loadControlRecipe(pathOf('control-cartpole.yaml'), small)
  const folder = await trainControl(expert, { runs, resume: false, signal })
  const demonstrations = { policy: join(folder, 'policy'), updates: 20, label_share: 0.5 }
  const shared = { name: 'run', environment: 'CartPole-v1', annotator: { kind: 'simulated' }, demonstrations }
  const a2c = { learner: 'a2c', steps: 32, environments: 4, total_steps: 768 }
  const dqn = {
    learner: 'dqn',
    steps: 40,
    total_steps: 240,
    random_steps: 50,
    batch_size: 16,
    replay_size: 100,
    exploration_steps: 150,
    target_interval: 50,
  }
  for (const learner of [a2c, dqn]) {
    const path = join(runs, `${learner.learner}.yaml`)
    await writeFile(path, stringify({ ...shared, ...learner, labels: 24, clip_steps: 10 }))
    const recipe = await loadPreferenceRecipe(path, [...labels, ...common])
    const { answers } = await expectSameBits(recipe, `${learner.learner}-`)
    expect(answers.some((clips) => clips.startsWith('demonstration'))).toBe(true)
  }
})

/** Trains whole and in two parts, and compares everything; returns the clips of the answers. */
async function expectSameBits(recipe: PreferenceRecipe, prefix = ''): Promise<{ answers: string[] }> {
  const [whole, killed] = [join(runs, `${prefix}whole`), join(runs, `${prefix}killed`)]
  const folder = await trainOnPreferences(recipe, { runs: whole, resume: false, signal })
  const again = join(killed, 'run')
  await killedAfter(3, folder, again)
  await trainOnPreferences(recipe, { runs: killed, resume: true, signal })

  const last = join('checkpoints', 'step-6')
  const [left, resumed] = [await contents(join(folder, last)), await contents(join(again, last))]
  expect(Object.keys(resumed).sort()).toEqual(Object.keys(left).sort())
  expect(Object.keys(left)).toEqual(expect.arrayContaining(['/reward.safetensors', '/rollouts.safetensors']))
  for (const [file, bytes] of Object.entries(left)) expect(resumed[file] === bytes, file).toBe(true)
  expect(await contents(join(again, 'policy'))).toEqual(await contents(join(folder, 'policy')))
  expect(await contents(join(again, 'clips'))).toEqual(await contents(join(folder, 'clips')))

  const answersOf = async (of: string) =>
    (await rowsOf(join(of, 'labels.jsonl'))).map(({ clips, preferred }) => `${clips} ${preferred}`)
  const answers = await answersOf(folder)
  expect(await answersOf(again)).toEqual(answers)
  expect(answers.filter((clips) => !clips.startsWith('demonstration'))).toHaveLength(24)
  const metrics = async (of: string) => (await rowsOf(join(of, 'metrics.jsonl'))).map(withoutClock)
  expect(await metrics(again)).toEqual(await metrics(folder))
  return { answers }
}

it('soft actor-critic on the task’s reward, killed and gone on with, ends with the same bits', async () => {
  const numbers = ['steps=30', 'random_steps=40', 'total_steps=180', 'batch_size=16', ...common]
  const recipe = await loadControlRecipe(pathOf('control-pendulum-sac.yaml'), numbers)
  const folder = await trainControl(recipe, { runs: join(runs, 'whole'), resume: false, signal })
  await killedAfter(3, folder, join(runs, 'killed', 'run'))
  const again = await trainControl(recipe, { runs: join(runs, 'killed'), resume: true, signal })
  expect(await contents(join(again, 'policy'))).toEqual(await contents(join(folder, 'policy')))
  expect(await contents(join(again, 'checkpoints', 'step-6'))).toEqual(
    await contents(join(folder, 'checkpoints', 'step-6')),
  )
  const { mean } = JSON.parse(await readFile(join(again, 'evaluation.json'), 'utf8'))
  expect(mean).toBeLessThan(0)
  const other = { ...recipe, seed: recipe.seed + 1, total_steps: 210 }
  await expect(trainControl(other, { runs: join(runs, 'killed'), resume: true, signal })).rejects.toThrow(
    `cannot go on, because seed was ${recipe.seed} and is ${recipe.seed + 1}.`,
  )
})

it('a task of choices is refused by soft actor-critic, with the field to change', async () => {
  const recipe = await loadControlRecipe(pathOf('control-pendulum-sac.yaml'), [
    'environment=CartPole-v1',
    'name=run',
  ])
  await expect(trainControl(recipe, { runs, resume: false, signal })).rejects.toThrow(
    'learner is sac, but CartPole-v1 chooses between 2 actions: sac needs numbers as actions, use learner: ppo or dqn',
  )
})
