import { readFileSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hubFiles } from '../src/hub/dataset.ts'
import { type FakeHub, fakeHub } from './fake-hub.ts'
import { workspace } from './workspace.ts'

let place: Awaited<ReturnType<typeof workspace>>
let hub: FakeHub

beforeEach(async () => {
  place = await workspace()
  const lines = String(await place.read('rows.jsonl')).split(/(?<=\n)/)
  const shard = (from: number, to?: number) => ({ content: Buffer.from(lines.slice(from, to).join('')) })
  hub = await fakeHub(
    {
      'README.md': { content: Buffer.from('# Rows') },
      'main/train-00000-of-00002.jsonl': shard(0, 25),
      'main/train-00001-of-00002.jsonl': shard(25),
      'main/test-00000-of-00001.parquet': {
        content: readFileSync('packages/cli/fixtures/thumbs-zstd.parquet'),
        large: true,
      },
    },
    { type: 'dataset' },
  )
  vi.stubEnv('HF_ENDPOINT', hub.url)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await hub.close()
  await place.remove()
})

const recipe = (data: string, { name = 'x', model = 'model' } = {}) => `name: ${name}
threads: 1
stages:
  - { name: sft, stage: sft, model: '${model}', data: '${data}', steps: 2, batch_size: 4, learning_rate: 0.01 }
`

/** Runs with another working folder. */
async function inFolder<T>(folder: string, use: () => Promise<T>): Promise<T> {
  const here = process.cwd()
  process.chdir(folder)
  try {
    return await use()
  } finally {
    process.chdir(here)
  }
}

async function run(data: string, options: { name?: string; model?: string } = {}) {
  await place.write('recipe.yaml', recipe(data, options))
  return place.attune('run', 'recipe.yaml')
}

test('the shards of a split are learnt as the same rows in a local file, and without the hub from then on', async () => {
  expect(await run('rows.jsonl', { name: 'local' })).toMatchObject({ code: 0 })
  expect(await run('hub:someone/tiny:main/train', { name: 'remote' })).toMatchObject({ code: 0 })
  const trained = (name: string) => place.read(`runs/${name}/sft/model/model.safetensors`)
  expect((await trained('remote')).equals(await trained('local'))).toBe(true)
  expect(hub.requests.map(({ path }) => path)).toEqual([
    'main/train-00000-of-00002.jsonl',
    'main/train-00001-of-00002.jsonl',
  ])

  const inspected = ['data', 'inspect', 'hub:someone/tiny:main/test', '--model', 'model', '--json']
  const { stdout, code } = await place.attune(...inspected)
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ type: 'unpaired-preference' })

  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1')
  expect(await run('hub:someone/tiny:main/train', { name: 'offline' })).toMatchObject({ code: 0 })
  expect((await trained('offline')).equals(await trained('local'))).toBe(true)
  const never = await run('hub:someone/other:main/train')
  expect(never.code).toBe(2)
  expect(never.stderr).toMatch(/sft\.data: http:\/\/127\.0\.0\.1:1 cannot be reached/)
}, 60_000)

test('files of a branch that has moved on meanwhile are those that were listed', async () => {
  const source = 'hub:someone/tiny:main/train'
  const first = await inFolder(place.path('.'), () => hubFiles(source))
  rmSync(place.path(first[1]!))
  const other = { content: Buffer.from('{"prompt":"x","completion":"other"}\n') }
  hub.move({ 'main/train-00000-of-00002.jsonl': other, 'main/train-00001-of-00002.jsonl': other })
  const again = await inFolder(place.path('.'), () => hubFiles(source))
  expect(again).toEqual(first)
  const rows = String(await place.read('rows.jsonl')).split(/(?<=\n)/)
  expect(String(await place.read(again[1]!))).toBe(rows.slice(25).join(''))
})

test.each([
  [
    { data: 'hub:someone/tiny' },
    /sft\.data: hub:someone\/tiny: means 3 tables that are not parts of one; name/,
  ],
  [{ data: 'hub:someone/tiny:dev' }, /has no table that is called so.*There are main\/train-00000/],
  [{ data: 'hub:someone/tiny@v2:main/train' }, /has no revision 'v2' \(404\)/],
  [{ data: 'hub:tiny' }, /is not hub:<owner>\/<name>\[@revision\]\[:path\]/],
  [{ data: 'rows.jsonl', model: 'hub:someone/tiny' }, /sft\.model: .*bring a model with `attune pull`/],
])(
  '%j is refused before anything runs',
  async ({ data, ...options }, message) => {
    const { code, stderr } = await run(data, options)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  },
  30_000,
)
