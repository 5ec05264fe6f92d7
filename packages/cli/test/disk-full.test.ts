import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readSafetensors } from '@attune/lm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tinyRecipe, workspace } from './workspace.ts'

/** Flags of `unshare` with which this system lets a process mount a file system of its own. */
const unshare = ['-rm', '-m'].find(
  (flag) => spawnSync('unshare', [flag, 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp']).status === 0,
)
if (!unshare) console.warn('skipped: this system lets no test mount a small disk')

let place: Awaited<ReturnType<typeof workspace>>
beforeAll(async () => {
  place = await workspace()
  const sft = tinyRecipe.slice(0, tinyRecipe.indexOf('  - name: label'))
  await place.write('recipe.yaml', sft.replace('save_steps: 2', 'save_steps: 1'))
})
afterAll(() => place.remove())

/** Runs `attune` with a disk of so many kilobytes at `runs`; what is on it afterwards is copied to `kept`. */
function onSmallDisk(kilobytes: number, kept: string) {
  for (const folder of ['runs', kept]) mkdirSync(place.path(folder), { recursive: true })
  const script = `mount -t tmpfs -o size=${kilobytes}k tmpfs runs && "$@"; code=$?; cp -r runs/. ${kept}; exit $code`
  const attune = [process.execPath, resolve('packages/cli/bin/attune.js'), 'run', 'recipe.yaml', '--resume']
  return spawnSync('unshare', [unshare!, 'sh', '-c', script, 'sh', ...attune], {
    cwd: place.path('.'),
    encoding: 'utf8',
  })
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  )
}

describe.skipIf(!unshare)('a full disk', () => {
  test.each([
    ['before the run begins', 4],
    ['while the first checkpoint is written', 64],
    ['while a later checkpoint is written', 300],
  ])('%s: one message, a non-zero exit, nothing half-written', async (_, kilobytes) => {
    const kept = `kept-${kilobytes}`
    const { status, stderr } = onSmallDisk(kilobytes, kept)
    expect(stderr.match(/attune: .*/g)).toEqual([
      expect.stringMatching(/^attune: runs\/.*: the disk is full; nothing was changed$/),
    ])
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(status).toBe(1)
    for (const name of filesOf(place.path(kept))) {
      const path = place.path(join(kept, name))
      expect(name).not.toMatch(/tmp|lock/)
      if (name.endsWith('.safetensors')) await readSafetensors(path)
      else if (name.endsWith('.json')) JSON.parse(readFileSync(path, 'utf8'))
      else if (name.endsWith('.jsonl'))
        for (const line of readFileSync(path, 'utf8').trimEnd().split('\n')) if (line) JSON.parse(line)
    }
    expect(existsSync(place.path(join(kept, 'tiny/sft/model')))).toBe(false)
  })

  test('with more room the run goes on to the same bits as one that never stopped', async () => {
    const stopped = place.path('kept-300/tiny/sft')
    const saved = readdirSync(join(stopped, 'checkpoints'))
    expect(saved.length).toBeGreaterThan(0)
    const resumed = await place.attune('run', 'recipe.yaml', '--resume', '--runs', 'kept-300')
    expect(resumed).toMatchObject({ code: 0 })
    const straight = await place.attune('run', 'recipe.yaml', '--runs', 'straight')
    expect(straight).toMatchObject({ code: 0 })
    const weights = 'tiny/sft/model/model.safetensors'
    const [ours, theirs] = [await place.read(`kept-300/${weights}`), await place.read(`straight/${weights}`)]
    expect(ours.equals(theirs)).toBe(true)
  })
})
