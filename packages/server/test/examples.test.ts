import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { browser, root, type TestServer, testServer } from './harness.ts'

let server: TestServer
let admin: Awaited<ReturnType<typeof browser>>
beforeAll(async () => {
  server = await testServer()
  admin = await browser(server)
})
afterAll(() => server.remove())

/** A project of thumbs, and a key that writes to it. */
async function thumbs() {
  const protocol = { kind: 'binary', question: 'Good?' }
  const { id } = (await admin.call('POST', '/api/projects', { name: 'Thumbs', protocol })).json
  const key = await admin.call('POST', '/api/keys', { name: 'app', scopes: ['feedback'], project: id })
  return { id, key: key.json.secret }
}

/** Runs a script as its first comment says; `answers` are typed as each prompt appears. */
async function run(
  file: string,
  env: Record<string, string>,
  answers: readonly [prompt: RegExp, text: string][] = [],
) {
  const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', file], {
    cwd: root,
    env: { ...process.env, ...env },
  })
  let output = ''
  let seen = 0
  const left = [...answers]
  const read = (piece: Buffer) => {
    output += piece
    const [next] = left
    if (!next?.[0].test(output.slice(seen))) return
    seen = output.length
    left.shift()
    child.stdin.write(`${next[1]}\n`)
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, output }
}

const judgments = async (id: string) =>
  (await admin.call('GET', `/api/projects/${id}/judgments`)).json.items as unknown as Record<
    string,
    unknown
  >[]

test('examples/collect-thumbs.ts asks, answers with the model, and keeps thumbs', async () => {
  const { id, key } = await thumbs()
  const { code, output } = await run(
    join(root, 'examples/collect-thumbs.ts'),
    { ATTUNE_URL: server.url, ATTUNE_KEY: key },
    [
      [/Begin a sentence/, 'The American people'],
      [/Good\?/, 'y'],
      [/Begin a sentence/, 'We shall'],
      [/Good\?/, 'n'],
      [/Begin a sentence/, ''],
    ],
  )
  expect([code, output]).toEqual([0, expect.stringMatching(/kept as [\w-]+[\s\S]*kept as [\w-]+/)])
  const kept = await judgments(id)
  expect(kept).toMatchObject([
    { kind: 'binary', prompt: 'The American people', desirable: true, annotator: { source: 'person' } },
    { kind: 'binary', prompt: 'We shall', desirable: false },
  ])
  for (const { completion } of kept) expect(output).toContain(completion)
}, 120_000)

test('the lines of docs/server.md that send an app’s feedback do so', async () => {
  const { id, key } = await thumbs()
  const text = await readFile(join(root, 'docs/server.md'), 'utf8')
  const [, block = ''] = /## An app's own feedback[\s\S]*?```ts\n([\s\S]*?)```/.exec(text) ?? []
  expect(block.trim().split('\n').filter(Boolean)).toHaveLength(4)
  const here =
    "const [prompt, completion, userId, messageId, a, b] = ['Hi', 'Hello', 'u1', 'message-1', 'x', 'y']\n"
  const folder = join(root, 'node_modules/.cache/attune')
  const file = join(folder, `documented-${process.pid}.mts`)
  await mkdir(folder, { recursive: true })
  await writeFile(file, here + block.replace('https://studio.example.org', server.url))
  try {
    for (let time = 0; time < 2; time++)
      expect(await run(file, { ATTUNE_KEY: key })).toEqual({ code: 0, output: '' })
  } finally {
    await rm(file)
  }
  // the second run's message counts once; the pair has a key of its own each time
  expect((await judgments(id)).map(({ kind }) => kind).sort()).toEqual(['binary', 'comparison', 'comparison'])
}, 120_000)
