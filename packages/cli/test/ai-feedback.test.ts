import { afterAll, beforeAll, expect, test } from 'vitest'
import { workspace } from './workspace.ts'

let place: Awaited<ReturnType<typeof workspace>>

/** A model that chats, with room for a few turns. */
beforeAll(async () => {
  place = await workspace()
  const changed = async (name: string, change: object) => {
    const content = JSON.parse(String(await place.read(name)))
    await place.write(name, JSON.stringify({ ...content, ...change }))
  }
  await changed('model/config.json', { max_position_embeddings: 256 })
  await changed('model/tokenizer_config.json', {
    chat_template:
      '{% for message in messages %}<{{ message.role }}>{{ message.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}',
  })
  const asked = ['hope', 'peace'].map((content) => ({ prompt: [{ role: 'user', content }] }))
  await place.write('chats.jsonl', asked.map((row) => JSON.stringify(row)).join('\n'))
})

afterAll(() => place.remove())

const run = async (stage: string) => {
  await place.write('ai.yaml', `name: ai\nthreads: 1\nstages:\n  - { ${stage}, model: model }\n`)
  return place.attune('run', 'ai.yaml')
}

test('a chat is criticised and revised in further turns, and stays a chat', async () => {
  const revise =
    'name: revise, stage: revise, prompts: chats.jsonl, items: 2, max_new_tokens: 3, principles: [{ critique: C, revision: R }]'
  expect(await run(revise)).toMatchObject({ code: 0 })
  const [row] = String(await place.read('runs/ai/revise/comparisons.jsonl'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(row.prompt).toEqual([{ role: 'user', content: 'hope' }])
  expect(row.completion).toEqual([{ role: 'assistant', content: row.trail[1].response }])
}, 60_000)

test('verdicts that begin with the same token are refused: the judge could not choose', async () => {
  const judge =
    "name: judge, stage: judge, judge: model, prompts: rows.jsonl, items: 2, max_new_tokens: 3, question: '{a}|{b}', verdicts: [good, good hope]"
  const { code, stderr } = await run(judge)
  expect(code).toBe(2)
  expect(stderr).toContain('judge.verdicts: "good" and "good hope" begin with the same token')
}, 60_000)

test('a judge reads a chat as a dialogue, not as the template of the policy has it', async () => {
  const judge =
    "name: judge, stage: judge, judge: model, prompts: chats.jsonl, items: 2, max_new_tokens: 3, question: '{prompt}|{a}|{b}', verdicts: [good, hope]"
  expect(await run(judge)).toMatchObject({ code: 0 })
  const rows = String(await place.read('runs/ai/judge/comparisons.jsonl'))
    .trim()
    .split('\n')
  expect(rows.map((line) => JSON.parse(line).prompt)).toEqual(['Human: hope', 'Human: peace'])
}, 60_000)
