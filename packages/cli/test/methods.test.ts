import { afterAll, beforeAll, expect, test } from 'vitest'
import { workspace } from './workspace.ts'

let place: Awaited<ReturnType<typeof workspace>>

beforeAll(async () => {
  place = await workspace()
})

afterAll(() => place.remove())

const training = 'steps: 3, batch_size: 4, learning_rate: 0.01, save_steps: 2'
const sampled = `model: model, prompts: rows.jsonl, max_new_tokens: 5, ${training}`
const recipe = `name: methods
seed: 1
threads: 1
stages:
  - name: label
    stage: label
    model: model
    prompts: rows.jsonl
    items: 16
    max_new_tokens: 6
    gold: hopeful
    annotators: [{ id: one, temperature: 0.1, lapse_rate: 0.05 }]
  - { name: moving, stage: dpo, model: model, comparisons: stage:label, sync_ref_model: { alpha: 1, steps: 1 }, ${training} }
  - { name: known, stage: dpo, model: model, comparisons: stage:label, ld_alpha: 0.5, precompute_ref_log_probs: true, ${training} }
  - { name: packed, stage: dpo, model: model, comparisons: stage:label, lora: { r: 2 }, packed_length: 32, micro_batch_size: 1, held_out: 0.25, held_out_samples: { prompts: 2, max_new_tokens: 4 }, ${training} }
  - { name: thumbs, stage: kto, model: model, data: stage:label, held_out: 0.5, loss: { kind: bco }, precompute_ref_log_probs: true, ${training} }
  - { name: weighed, stage: kto, model: model, data: thumbs.jsonl, loss: { kind: bco, density_ratio: { max: 4 } }, ${training} }
  - { name: reward, stage: reward, model: model, comparisons: stage:label, held_out: 0.25, ${training} }
  - { name: measured, stage: reward, model: model, comparisons: stage:label, test: asked-about.jsonl, ${training} }
  - { name: other, stage: reward, model: model, comparisons: stage:label, held_out: 0.25, seed: 7, ${training} }
  - { name: online, stage: online, method: { kind: online_dpo }, rewards: [{ kind: ensemble, models: [stage:reward, stage:other], combine: worst }], monitor: hopeful, ${sampled} }
  - { name: xpo, stage: online, method: { kind: xpo }, rewards: [{ kind: safety_gate, helpfulness: stage:reward, safety: stage:other }], ${sampled} }
  - { name: nash, stage: online, method: { kind: nash_md }, rewards: [{ kind: gold, gold: hopeful }, { kind: overlong, most: 5, buffer: 2 }], ${sampled} }
  - { name: adapters, stage: ppo, reward: stage:reward, rewards: [{ kind: safety_gate, helpfulness: stage:reward, safety: stage:other }], whiten_scores: true, lora: { r: 2 }, critic_lora: { r: 2 }, kl: { controller: fixed, coefficient: 0.1 }, epochs: 1, ${sampled} }
  - { name: process, stage: process-reward, model: model, data: steps.jsonl, held_out: 0.25, ${training} }
  - { name: judge, stage: judge, model: model, judge: model, prompts: rows.jsonl, items: 6, max_new_tokens: 3, question: '{a}|{b}', verdicts: [good, bad] }
  - { name: ai, stage: dpo, model: model, comparisons: stage:judge, held_out: 0, ${training} }
  - { name: revise, stage: revise, model: model, prompts: rows.jsonl, items: 4, max_new_tokens: 2, principles: [{ critique: C, revision: R }] }
  - stage: rounds
    name: rejection
    count: 2
    start: { policy: model }
    stages:
      - { name: best, stage: best-of, model: previous:policy, prompts: rows.jsonl, items: 8, completions: 3, keep: 0.5, max_new_tokens: 5, rewards: [{ kind: repetition, weight: 2 }, { kind: gold, gold: hopeful }] }
      - { name: policy, stage: sft, model: previous:policy, data: every:best, ${training} }
`

const lines = async (path: string) =>
  String(await place.read(path))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('every method runs from a recipe, and rounds keep their data', async () => {
  await place.write('methods.yaml', recipe)
  const steps = (right: boolean) =>
    JSON.stringify({ prompt: 'good', completions: ['the people', 'are good'], labels: [true, right] })
  await place.write('steps.jsonl', [true, false, true, false, true, false, true, false].map(steps).join('\n'))
  const thumb = (prompt: string, label: boolean, completion: string) => ({ prompt, completion, label })
  await place.write(
    'thumbs.jsonl',
    [' one', ' two', ' three', ' four', ' five', ' six', ' seven', ' eight']
      .flatMap((end) => [thumb('the people', true, end), thumb('a bad war', false, end)])
      .concat(thumb('the people', false, ' war'))
      .map((row) => JSON.stringify(row))
      .join('\n'),
  )
  const about = (category: string) => ({
    prompt: 'the people',
    chosen: ' good hope',
    rejected: ' bad war',
    category,
  })
  await place.write(
    'asked-about.jsonl',
    ['tone', 'tone', 'length'].map((category) => JSON.stringify(about(category))).join('\n'),
  )
  const result = await place.attune('run', 'methods.yaml')
  expect(result).toMatchObject({ code: 0 })
  const metrics = (stage: string) => lines(`runs/methods/${stage}/metrics.jsonl`)
  for (const stage of [
    'moving',
    'known',
    'packed',
    'thumbs',
    'weighed',
    'online',
    'xpo',
    'nash',
    'adapters',
    'process',
    'policy-1',
    'policy-2',
  ])
    expect((await metrics(stage)).map(({ step }) => step)).toEqual([1, 2, 3])
  // the reference follows at once, so every step starts where policy and reference are one
  for (const { loss } of await metrics('moving')) expect(loss).toBeCloseTo(Math.LN2, 4)
  for (const stage of ['known', 'thumbs']) expect((await metrics(stage))[0]!.loss).toBeCloseTo(Math.LN2, 4)
  const heldOut = JSON.parse(String(await place.read('runs/methods/packed/held-out.json')))
  expect(heldOut).toMatchObject({
    pairs: 3, // of 16 rows 4 were to be, but some share a prompt
    samples: [{ before: {}, after: {} }, {}],
    kl: expect.any(Number),
  })
  // of four pairs some share is ordered right
  expect([0, 0.25, 0.5, 0.75, 1]).toContain(heldOut.likelihoodBefore)
  expect(String(await place.read('runs/methods/report.html'))).toContain('Chosen is likelier')
  expect((await metrics('thumbs'))[2]).toHaveProperty('delta')
  const [, least, most] = /weighed: disliked rows weigh (\S+) to (\S+),/.exec(result.stderr)!
  expect(Number(least)).toBeGreaterThanOrEqual(0.5)
  expect(Number(most)).toBeLessThanOrEqual(4)
  expect(Number(most)).toBeGreaterThan(Number(least))
  const online = (await metrics('online'))[0]!
  expect(online['rewards/ensemble/disagreement']).toBeGreaterThan(0)
  expect(online).toHaveProperty('gold/correlation')
  expect((await metrics('nash'))[0]).toHaveProperty('rewards/overlong/mean')
  const best = await lines('runs/methods/best-2/comparisons.jsonl')
  expect(best).toHaveLength(4)
  for (const { score, scores } of best) expect(score).toBe(Math.max(...(scores as number[])))
  const summary = JSON.parse(String(await place.read('runs/methods/summary.json')))
  expect(summary.byStage).toMatchObject({ moving: { preferenceAccuracy: expect.any(Number) } })
  expect(Object.keys(summary.byStage)).toEqual(expect.arrayContaining(['known', 'thumbs', 'reward', 'other']))
  expect(summary.byStage.measured.accuracyByCategory ?? summary.accuracyByCategory).toMatchObject([
    { category: 'length', pairs: 1 },
    { category: 'tone', pairs: 2 },
  ])
  const [judged] = await lines('runs/methods/judge/comparisons.jsonl')
  expect(judged).toMatchObject({ annotator: { source: 'ai', model: 'model' } })
  expect(judged!.probability).toBeGreaterThanOrEqual(0.5)
  const [revised] = await lines('runs/methods/revise/comparisons.jsonl')
  const trail = revised!.trail as { response: string; critique?: string }[]
  expect(trail).toHaveLength(2)
  expect(trail[1]).toMatchObject({ critique: 'C', revision: 'R', response: revised!.completion })
  const known = JSON.parse(String(await place.read('runs/methods/known/reference-logps.json')))
  expect(Object.keys(known).length).toBeGreaterThan(16)
}, 120_000)

test('an adapter for a critic that has none of its own is refused with its line', async () => {
  const stage = 'stage: ppo, reward: model, critic: shared, critic_lora: { r: 2 }'
  const kl = 'kl: { controller: fixed, coefficient: 0.1 }'
  await place.write('shared.yaml', `name: shared\nstages:\n  - { name: ppo, ${stage}, ${kl}, ${sampled} }\n`)
  const { code, stderr } = await place.attune('run', 'shared.yaml')
  expect(code).toBe(2)
  expect(stderr).toContain(
    "shared.yaml:3: stages.0.critic_lora: a critic on the policy's trunk has the policy's adapter",
  )
}, 30_000)

test('an answer that is no number is named with the prompt’s row', async () => {
  await place.write(
    'asked.jsonl',
    '{"prompt":"the people","answer":"#### 4"}\n{"prompt":"the war","answer":"many"}\n',
  )
  await place.write(
    'answer.yaml',
    `name: answer
stages:
  - { name: score, stage: score, model: model, prompts: asked.jsonl, max_new_tokens: 4, rewards: [{ kind: answer }] }
`,
  )
  const { code, stderr } = await place.attune('run', 'answer.yaml')
  expect(code).toBe(2)
  expect(stderr).toContain(
    'asked.jsonl:2: answer is "many", expected a number or a solution that ends in one',
  )
}, 30_000)
