import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pullCommand } from '../src/commands/pull.ts'
import { pushCommand } from '../src/commands/push.ts'
import { type FakeHub, fakeHub, type HostedFile } from './fake-hub.ts'

const weights = Buffer.from(Float32Array.from({ length: 50_000 }, (_, i) => Math.sin(i)).buffer)
const config = Buffer.from('{"model_type": "llama"}\n')
let folder = ''
let hub: FakeHub | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-'))
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})

afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
  await hub?.close()
})

async function serve(options: Partial<HostedFile> = {}, token?: string): Promise<FakeHub> {
  hub = await fakeHub(
    {
      'config.json': { content: config },
      'model.safetensors': { content: weights, large: true, ...options },
      'pytorch_model.bin': { content: weights, large: true },
      'onnx/model.onnx': { content: weights, large: true },
    },
    token ? { token } : {},
  )
  vi.stubEnv('HF_ENDPOINT', hub.url)
  return hub
}

const pulled = () => readFileSync(join(folder, 'model.safetensors'))
const pull = (flags: object = {}) => pullCommand('someone/tiny', { to: folder, ...flags })

test('a model comes with its configuration, and not in other formats; the second time nothing is sent', async () => {
  const { requests } = await serve()
  await pull()
  expect(pulled().equals(weights)).toBe(true)
  expect(readFileSync(join(folder, 'config.json')).equals(config)).toBe(true)
  expect(requests.map(({ path }) => path)).toEqual(['config.json', 'model.safetensors'])
  await pull()
  expect(requests).toHaveLength(2)
})

test('transfers that break off go on where they stopped', async () => {
  const { requests } = await serve({ cuts: [60_000, 70_000] })
  await pull()
  expect(pulled().equals(weights)).toBe(true)
  const starts = requests.filter(({ path }) => path === 'model.safetensors').map(({ from }) => from)
  expect(starts).toHaveLength(3)
  expect(starts[0]).toBe(0)
  expect(starts[1]).toBeGreaterThan(0)
  expect(starts[2]).toBeGreaterThan(starts[1]!)
})

test('a file that an earlier command left unfinished is gone on with, or begun again where the hub knows no ranges', async () => {
  const { requests } = await serve()
  writeFileSync(join(folder, 'model.safetensors.partial'), weights.subarray(0, 1234))
  await pull()
  expect(pulled().equals(weights)).toBe(true)
  expect(requests.at(-1)).toEqual({ path: 'model.safetensors', from: 1234 })

  await hub!.close()
  await serve({ ignoresRanges: true })
  rmSync(join(folder, 'model.safetensors'))
  writeFileSync(join(folder, 'model.safetensors.partial'), weights.subarray(0, 1234))
  await pull()
  expect(pulled().equals(weights)).toBe(true)
})

test('wrong bytes are not kept: they come again, and after too often it is said', async () => {
  await serve({ corrupted: 1 })
  await pull()
  expect(pulled().equals(weights)).toBe(true)

  await hub!.close()
  await serve({ corrupted: 100 })
  rmSync(join(folder, 'model.safetensors'))
  await expect(pull()).rejects.toThrow(
    /model\.safetensors: given up after 5 tries \(its checksum is not the hub's \w+…\); what has come is removed/,
  )
  expect(existsSync(join(folder, 'model.safetensors'))).toBe(false)
})

test('a file that was changed here is replaced by the hub’s', async () => {
  await serve()
  const changed = Buffer.from(weights)
  changed[7] = changed[7]! ^ 1
  writeFileSync(join(folder, 'model.safetensors'), changed)
  await pull()
  expect(pulled().equals(weights)).toBe(true)
})

test('refusals say what to do', async () => {
  await serve({}, 'hf_right')
  await expect(pull()).rejects.toThrow(
    /private or gated, or not there; give a token with --token or HF_TOKEN/,
  )
  await expect(pull({ token: 'hf_wrong' })).rejects.toThrow(/the token is not allowed to/)
  await expect(pull({ token: 'wrong' })).rejects.toThrow(/does not begin with 'hf_'/)
  const other = pullCommand('someone/else', { to: folder, token: 'hf_right' })
  await expect(other).rejects.toThrow(/model someone\/else: not on the hub, or it has no revision 'main'/)
  await expect(pull({ token: 'hf_right', file: ['a.gguf'] })).rejects.toThrow(
    /has no file 'a\.gguf'; it has config/,
  )
  await expect(pullCommand('../../etc', {})).rejects.toThrow(/not the id of a repository/)
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1')
  await expect(pull()).rejects.toThrow(/http:\/\/127\.0\.0\.1:1 cannot be reached/)
})

test('a gated model, whose list of files is public, is refused with what to do', async () => {
  hub = await fakeHub(
    { 'model.safetensors': { content: weights, large: true } },
    { token: 'hf_right', gated: true },
  )
  vi.stubEnv('HF_ENDPOINT', hub.url)
  await expect(pull()).rejects.toThrow(
    /refused by the hub \(403\): it is private or gated, or not there; give a token/,
  )
  await pull({ token: 'hf_right' })
  expect(pulled().equals(weights)).toBe(true)
})

test('files that would lie outside of the folder are refused', async () => {
  hub = await fakeHub({ '../../evil.json': { content: config } })
  vi.stubEnv('HF_ENDPOINT', hub.url)
  await expect(pull()).rejects.toThrow(/'\.\.\/\.\.\/evil\.json', which would lie outside of the folder/)
})

test('a folder is pushed in one commit: large files by their checksum, the rest within it', async () => {
  const { uploads, commits } = await serve({}, 'hf_right')
  writeFileSync(join(folder, 'model.safetensors'), weights)
  writeFileSync(join(folder, 'config.json'), config)
  writeFileSync(join(folder, 'optimizer.bin'), 'not for others')
  await pushCommand(folder, 'someone/tiny', { token: 'hf_right', message: 'A first try' })
  expect([...uploads.values()].map((bytes) => bytes.equals(weights))).toEqual([true])
  const lines = commits[0]!
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { key: string; value: Record<string, string> })
  expect(lines[0]!.value.summary).toBe('A first try')
  const committed = lines.slice(1).map(({ key, value }) => [key, value.path])
  expect(committed.sort()).toEqual([
    ['file', 'config.json'],
    ['lfsFile', 'model.safetensors'],
  ])
  await expect(pushCommand(folder, 'someone/tiny', {})).rejects.toThrow(/needs a token that may write/)
  await expect(pushCommand(folder, 'someone/tiny', { token: 'hf_bad' })).rejects.toThrow(
    /refused by the hub \(401\)/,
  )
})

test('of a dataset all tables are pushed, those within folders too, and what is left out is told', async () => {
  hub = await fakeHub({}, { type: 'dataset', token: 'hf_right' })
  vi.stubEnv('HF_ENDPOINT', hub.url)
  const files = ['README.md', 'main/train.jsonl.gz', 'main/test.parquet', 'notes.bin', '.git/config.json']
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), 'x')
  }
  await pushCommand(folder, 'someone/tiny', { dataset: true, token: 'hf_right' })
  const paths = hub.commits[0]!.trim()
    .split('\n')
    .slice(1)
    .map((line) => (JSON.parse(line) as { value: { path: string } }).value.path)
  expect(paths.sort()).toEqual(['README.md', 'main/test.parquet', 'main/train.jsonl.gz'])
  expect(process.stderr.write).toHaveBeenCalledWith('  left out: notes.bin\n')
})
