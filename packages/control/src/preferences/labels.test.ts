import type { ClipComparison } from '@attune/feedback'
import { describe, expect, it } from 'vitest'
import { judged } from '../../test/walk.ts'
import type { Clip } from './clip.ts'
import { goneMessage, readLabels } from './labels.ts'

describe('readLabels', () => {
  const clips = new Map(
    ['a', 'b', 'c'].map((id): [string, Clip] => [
      id,
      {
        id,
        steps: 1,
        observations: new Float32Array(1),
        actions: new Float32Array(1),
        rewards: new Float32Array(1),
        infos: [],
        from: { source: 's', index: 0, start: 0 },
      },
    ]),
  )
  const read = (judgments: readonly ClipComparison[]) => readLabels(judgments, (id) => clips.get(id))

  it('joins answers to one pair in either order, and counts contradictions', () => {
    const { pairs, contradictory } = read([
      judged(['a', 'b'], 0),
      judged(['b', 'a'], 0),
      judged(['b', 'a'], 1),
      judged(['a', 'c'], 'tie'),
    ])
    expect(pairs.map(({ first, second, target, answers }) => [first.id, second.id, target, answers])).toEqual(
      [
        ['a', 'b', 2 / 3, 3],
        ['a', 'c', 0.5, 1],
      ],
    )
    expect(contradictory).toBe(1)
  })

  it('keeps to the newest word of a person, and takes back what was retracted', () => {
    const retraction = { ...judged(['a', 'b'], 0), kind: 'retraction' as const, supersedes: '2' }
    const { clips: _, preferred: __, ...taken } = retraction
    const judgments = [
      judged(['a', 'b'], 0, { id: '1' }),
      judged(['a', 'b'], 1, { id: '3', supersedes: '1' }),
      judged(['a', 'c'], 0, { id: '2' }),
      taken,
    ]
    expect(readLabels(judgments, (id) => clips.get(id)).pairs.map(({ target }) => target)).toEqual([0])
  })

  it('passes over labels whose clips are gone, and names them', () => {
    const { pairs, gone } = read([judged(['a', 'x'], 0), judged(['a', 'b'], 1)])
    expect(pairs.length).toBe(1)
    expect(goneMessage(gone, 'runs/demo')).toMatch(
      /^runs\/demo: 1 labels are about clips.*\(a and x\); the labels stay/,
    )
  })
})
