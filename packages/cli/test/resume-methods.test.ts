import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finished, workspace } from './workspace.ts'

let straight: Awaited<ReturnType<typeof workspace>>
let killed: Awaited<ReturnType<typeof workspace>>

const training = 'model: model, steps: 12, batch_size: 6, learning_rate: 0.01, save_steps: 1'
const recipe = `name: methods
seed: 1
threads: 1
stages:
  - name: label
    stage: label
    model: model
    prompts: rows.jsonl
    items: 24
    max_new_tokens: 6
    gold: hopeful
    annotators: [{ id: one, temperature: 0.1, lapse_rate: 0.05 }]
  - { name: bco, stage: kto, data: stage:label, loss: { kind: bco, beta: 0.5 }, ${training} }
  - { name: moving, stage: dpo, comparisons: stage:label, loss: { kind: sigmoid, beta: 0.5 }, sync_ref_model: { alpha: 0.6, steps: 2 }, ${training} }
  - { name: reward, stage: reward, comparisons: stage:label, ${training} }
  - { name: adapters, stage: ppo, reward: stage:reward, prompts: rows.jsonl, max_new_tokens: 4, lora: { r: 2 }, critic_lora: { r: 2 }, kl: { controller: fixed, coefficient: 0.1 }, epochs: 1, ${training} }
`
/** What each stage must carry over: BCO's running δ, TR-DPO's reference, the adapters of policy and critic with their optimisers. */
const stages = ['bco', 'moving', 'adapters']

beforeAll(async () => {
  straight = await workspace()
  killed = await workspace()
  for (const place of [straight, killed]) await place.write('recipe.yaml', recipe)
})

afterAll(async () => {
  await straight.remove()
  await killed.remove()
})

const checkpoints = (folder: string): string[] => {
  try {
    return readdirSync(folder).filter((name) => /^step-\d+$/.test(name))
  } catch {
    return []
  }
}

test('killed and resumed, state beside the weights is carried over to the bit', async () => {
  expect(await straight.attune('run', 'recipe.yaml')).toMatchObject({ code: 0 })
  for (const stage of stages) {
    const child = killed.start(['run', 'recipe.yaml', '--resume'])
    const end = finished(child)
    // three steps: δ is a mean of several batches by then, and the reference has moved
    while (
      !checkpoints(killed.path(`runs/methods/${stage}/checkpoints`)).some((name) => name >= 'step-3') &&
      child.exitCode === null
    )
      await sleep(2)
    child.kill('SIGKILL')
    expect((await end).code, stage).toBeNull()
  }
  expect(await killed.attune('run', 'recipe.yaml', '--resume')).toMatchObject({ code: 0 })
  const records = (place: typeof killed, stage: string) =>
    readFileSync(place.path(`runs/methods/${stage}/metrics.jsonl`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => {
        const { seconds: _, ...record } = JSON.parse(line)
        return record
      })
  for (const stage of stages) {
    expect(records(killed, stage), stage).toEqual(records(straight, stage))
    expect(records(straight, stage)).toHaveLength(12)
    const file = `runs/methods/${stage}/model/${stage === 'adapters' ? 'adapter_model' : 'model'}.safetensors`
    expect((await killed.read(file)).equals(await straight.read(file)), stage).toBe(true)
  }
  const deltas = records(straight, 'bco').map(({ delta }) => delta)
  expect(new Set(deltas).size).toBeGreaterThan(3) // it does run
}, 180_000)
