import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Judgment } from '../model/judgment.ts'
import { eventLines } from './lines.ts'
import { isConversational, type TrlFormat, trlFormatNames, trlFormats } from './trl.ts'

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
  {
    ...by,
    item: 's',
    kind: 'rule-check',
    prompt: 'Solve 😀',
    completion: 'x = 2\n\nx² = 5\nso five',
    checks: [
      { rule: 'units', violated: false },
      { rule: 'sums', violated: true, span: { start: 7, end: 13 } },
    ],
  },
  {
    ...by,
    item: 't',
    kind: 'violation',
    prompt: 'Sum',
    completion: '1 + 1 = 2',
    rule: 'sums',
    violated: false,
  },
  {
    ...by,
    item: 'u',
    kind: 'violation',
    prompt: 'Where?',
    completion: 'somewhere\nwrong',
    rule: 'sums',
    violated: true,
  },
]
const prompt = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi 😀' },
]
const conversational = standard.map((judgment, i) =>
  i % 2 === 0 ? ({ ...judgment, prompt } as Judgment) : judgment,
)

// TRL's stepwise type has one form
const cases = trlFormatNames.flatMap((name) => [
  [name, 'standard', standard] as const,
  ...(name === 'trl-stepwise' ? [] : [[name, 'conversational', conversational] as const]),
])

async function written(name: TrlFormat, judgments: readonly Judgment[]): Promise<string> {
  const options = { conversational: await isConversational(judgments) }
  let text = ''
  for await (const line of eventLines(trlFormats[name](judgments, options))) text += line
  return text
}

const fixtureOf = (name: TrlFormat, form: string) => `${name.replace(/^trl-/, '')}-${form}`

test.each(cases)('%s, %s: the file is the one that TRL was given', async (name, form, judgments) => {
  const file = new URL(`trl/${fixtureOf(name, form)}.jsonl`, fixtures)
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
    const loaded = golden[fixtureOf(name, form)]!
    expect(loaded.conversational).toBe(form === 'conversational')
    const ours = (await written(name, judgments))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(loaded.rows).toEqual(ours)
    expect(Object.keys(loaded.columns).sort()).toEqual(Object.keys(ours[0]).sort())
    // the first loss of GRPO is zero: its ratios are one, and a group's advantages sum to nothing
    if (name !== 'trl-prompt-only') expect(loaded.loss).toBeGreaterThan(0)
  },
)

test('stepwise rows know which line is wrong, and say nothing where nobody said which', async () => {
  const rows = async (judgments: readonly Judgment[]) =>
    (await written('trl-stepwise', judgments))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  const solved = {
    prompt: 'Solve 😀',
    completions: ['x = 2', 'x² = 5', 'so five'],
    labels: [true, false, true],
  }
  expect(await rows(standard)).toEqual([
    solved,
    { prompt: 'Sum', completions: ['1 + 1 = 2'], labels: [true] },
  ])
  expect(await rows(conversational)).toEqual([solved])
  expect(
    await rows([{ ...standard[9]!, prompt: [{ role: 'user', content: 'Solve 😀' }] } as Judgment]),
  ).toEqual([solved])
})
