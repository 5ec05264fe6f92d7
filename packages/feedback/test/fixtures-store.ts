import type { Comparison, FeedbackStore, NewItem, NewProject } from '@attune/feedback'

/** A clock that stands still until it is told otherwise. */
export interface TestClock {
  (): number
  advance: (seconds: number) => void
}

/** A clock at a fixed time. */
export function testClock(): TestClock {
  let now = Date.parse('2026-01-01T00:00:00Z')
  return Object.assign(() => now, {
    advance: (seconds: number) => {
      now += seconds * 1000
    },
  })
}

/** Items `i0`, `i1`, … with two completions each. */
export function pairs(count: number): NewItem[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `i${i}`,
    prompt: `prompt ${i}`,
    completions: [{ text: `a${i}` }, { text: `b${i}` }],
  }))
}

/** Makes a project of comparisons with items. */
export async function projectOf(
  store: FeedbackStore,
  { items = 3, ...protocol }: { items?: number } & Partial<NewProject['protocol']> = {},
): Promise<string> {
  const { id } = await store.projects.create({
    id: 'p',
    name: 'Pairs',
    protocol: { kind: 'comparison', ...protocol },
  })
  await store.addItems(id, pairs(items))
  return id
}

/** A comparison by a person. */
export function comparison(
  item: string,
  annotator: string,
  rest: Partial<Comparison> = {},
): Comparison & { project: string } {
  return {
    kind: 'comparison',
    project: 'p',
    item,
    annotator: { id: annotator, source: 'person' },
    time: '2026-01-01T00:00:00.000Z',
    protocol: '1',
    prompt: `prompt of ${item}`,
    completions: ['a', 'b'],
    preferred: 0,
    ...rest,
  }
}

/** All judgments of a project. */
export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of source) found.push(one)
  return found
}
