import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Judgment } from '../model/judgment.ts'
import { eventLines } from './lines.ts'
import { isConversational, trlPreference, trlPromptCompletion, trlUnpaired } from './trl.ts'

const fixtures = new URL('../../fixtures/', import.meta.url)
const by = {
  annotator: { id: 'ann', source: 'person' as const },
  time: '2026-01-01T00:00:00.000Z',
  protocol: '1',
}

/** Judgments of every kind that an export holds. */
const standard: Judgment[] = [
  {
    ...by,
    item: 'a',
    kind: 'comparison',
    prompt: 'The sea',
    completions: [' is wide', ' is\nnarrow'],
    preferred: 0,
  },
  {
    ...by,
    item: 'b',
    kind: 'comparison',
    prompt: 'Größe 日本 😀',
    completions: [' “no”', ' yes\t'],
    preferred: 1,
  },
  { ...by, item: 'c', kind: 'comparison', prompt: 'A tie', completions: [' x', ' y'], preferred: 'tie' },
  { ...by, item: 'd', kind: 'comparison', prompt: 'Bad', completions: [' x', ' y'], preferred: 'both-bad' },
  {
    ...by,
    item: 'r',
    kind: 'ranking',
    prompt: 'Rank',
    completions: [' 1', ' 2', ' 3'],
    order: [2, 0, 1],
    ties: [0],
  },
  { ...by, item: 'e', kind: 'edit', prompt: 'Mend', before: ' brokn', after: ' broken' },
  { ...by, item: 'f', kind: 'demonstration', prompt: 'Show', completion: ' how' },
  { ...by, item: 'g', kind: 'binary', prompt: 'Thumb', completion: ' up', desirable: true },
  { ...by, item: 'h', kind: 'binary', prompt: 'Thumb', completion: ' down', desirable: false },
]
const prompt = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi 😀' },
]
const conversational = standard.map((judgment, i) =>
  i % 2 === 0 ? ({ ...judgment, prompt } as Judgment) : judgment,
)

const exports = { preference: trlPreference, unpaired: trlUnpaired, 'prompt-completion': trlPromptCompletion }
type Name = keyof typeof exports

const cases = (Object.keys(exports) as Name[]).flatMap((name) => [
  [name, 'standard', standard] as const,
  [name, 'conversational', conversational] as const,
])

async function written(name: Name, judgments: readonly Judgment[]): Promise<string> {
  const options = { conversational: await isConversational(judgments) }
  let text = ''
  for await (const line of eventLines(exports[name](judgments, options))) text += line
  return text
}

test.each(cases)('%s, %s: the file is the one that TRL was given', async (name, form, judgments) => {
  const file = new URL(`trl/${name}-${form}.jsonl`, fixtures)
  await expect(await written(name, judgments)).toMatchFileSnapshot(file.pathname)
})

interface Loaded {
  readonly columns: Readonly<Record<string, string>>
  readonly conversational: boolean
  readonly rows: readonly object[]
  readonly loss: number
}

test.each(cases)(
  '%s, %s: `datasets` read our rows, TRL knew their form and trained a step on them',
  async (name, form, judgments) => {
    const golden = JSON.parse(readFileSync(new URL('trl.json', fixtures), 'utf8')) as Record<string, Loaded>
    const loaded = golden[`${name}-${form}`]!
    expect(loaded.conversational).toBe(form === 'conversational')
    const ours = (await written(name, judgments))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(loaded.rows).toEqual(ours)
    expect(Object.keys(loaded.columns).sort()).toEqual(Object.keys(ours[0]).sort())
    expect(loaded.loss).toBeGreaterThan(0)
  },
)
