import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clip, ClipPair } from '@attune/control'
import { expect, it } from 'vitest'
import { clip } from '../../test/clip.ts'
import { demonstrated } from './demonstrator.ts'
import { clipFolder } from './label/clip-folder.ts'
import { folderGatherer } from './label/folder-gatherer.ts'
import { loadPreferenceRecipe } from './preference-recipe.ts'

it('where a person labels, what demonstrations say stands in the labels’ file once, and the person is still asked', async () => {
  const path = await mkdtemp(join(tmpdir(), 'attune-demonstrated-'))
  try {
    const recipe = await loadPreferenceRecipe(
      new URL('../../../../recipes/control-breakout-demonstrations.yaml', import.meta.url).pathname,
      ['annotator={ kind: person }', 'demonstrations.label_share=1'],
    )
    const clips = await clipFolder(path)
    const show = ({ id }: Clip) => ({ id, framesPerSecond: 1, frames: [] })
    const shown = { clips: [clip('demonstration')], transitions: [] }
    const gatherer = demonstrated(recipe, folderGatherer(clips, { show }), { shown, clips })
    const pairs: ClipPair[] = [
      [clip('a'), clip('b')],
      [clip('c'), clip('d')],
    ]
    await gatherer.ask(pairs)
    const answers = await gatherer.answers()
    const ofDemonstrations = [
      { clips: ['demonstration', 'a'], preferred: 0, annotator: { id: 'demonstrations' } },
      { clips: ['demonstration', 'c'], preferred: 0 },
    ]
    expect(answers).toMatchObject(ofDemonstrations)
    expect(await clips.labels()).toMatchObject(ofDemonstrations)
    expect(gatherer.waiting()).toBe(2)
    expect(await gatherer.answers()).toEqual([])
  } finally {
    await rm(path, { recursive: true, force: true })
  }
})
