import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@attune/feedback/store'
import { expect, test } from 'vitest'
import { openDatabase } from '../database/open.ts'
import { selectionSettings } from './settings.ts'

test('settings that are changed while a project is scored stay, and its state too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-selection-'))
  const store = await openStore(`sqlite:${join(folder, 'data')}`)
  const { read, change } = selectionSettings(await openDatabase(store))
  await Promise.all([
    change('p', ({ settings }) => ({ settings: { ...settings, models: ['a.reward'] } })),
    ...Array.from({ length: 10 }, () =>
      change('p', ({ state }) => ({ state: { ...state, scored: state.scored + 1 } })),
    ),
  ])
  expect(await read('p')).toMatchObject({ settings: { models: ['a.reward'] }, state: { scored: 10 } })
  await store.close()
  await rm(folder, { recursive: true })
})
