import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...markdown('docs'),
  ...markdown('models'),
  ...markdown('reproductions'),
]

/** What the blocks of code take for granted. */
const given = `
declare const model: import('@attune/lm').Model
declare const optimizer: import('@attune/grad').Optimizer
declare const pairs: readonly import('@attune/rlhf').PreferencePair[]
declare const device: import('@attune/grad').Device
declare const [prompt, completion, a, b, userId, messageId]: readonly [string, string, string, string, string, string]
declare function judgmentOf(item: import('@attune/feedback').Item): import('@attune/feedback').Judgment
`

test.each(pages)('%s: every link to a file leads somewhere', (page) => {
  const text = readFileSync(page, 'utf8').replaceAll(/```[\s\S]*?```/g, '')
  const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)|(?:src|srcset)="([^"]+)"/g)].map(
    (match) => match[1] ?? match[2]!,
  )
  const broken = links.filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(dirname(page), link)))
  expect(broken).toEqual([])
})

test('blocks of TypeScript in the documents compile against the sources', () => {
  mkdirSync('node_modules/.cache', { recursive: true })
  const folder = mkdtempSync('node_modules/.cache/documents-')
  try {
    const blocks = pages.flatMap((page) =>
      blocksOf(page, 'ts').map((code, i) => ({ name: nameOf(page, i), code })),
    )
    expect(blocks.length).toBeGreaterThan(0)
    for (const { name, code } of blocks) writeFileSync(join(folder, name), `${code}\n${given}\nexport {}\n`)
    const options = { extends: resolve('tsconfig.json'), include: [resolve(folder)] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options))
    const compiler = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', folder], {
      encoding: 'utf8',
    })
    expect(compiler.stdout).toBe('')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('commands that the README shows are there, and its npm scripts too', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const help = spawnSync(process.execPath, ['packages/cli/bin/attune.js', '--help'], {
    encoding: 'utf8',
  }).stdout
  const text = readFileSync('README.md', 'utf8')
  const commands = new Set([...text.matchAll(/`attune ([a-z]+)/g)].map((match) => match[1]!))
  expect([...commands].filter((name) => !new RegExp(`^  ${name} `, 'm').test(help))).toEqual([])
  const runs = new Set([...text.matchAll(/npm run ([a-z-]+)/g)].map((match) => match[1]!))
  expect([...runs].filter((name) => !(name in scripts))).toEqual([])
})

test('the first example runs', () => {
  const args = ['--conditions=source', '--import', 'tsx', 'examples/first-gradient.ts']
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout).toMatch(/accuracy/)
})

function markdown(folder: string): string[] {
  if (!existsSync(folder)) return []
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
}

function blocksOf(page: string, language: string): string[] {
  const pattern = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g')
  return [...readFileSync(page, 'utf8').matchAll(pattern)].map((match) => match[1]!)
}

function nameOf(page: string, index: number): string {
  return `${page.replaceAll(/[^a-z0-9]+/gi, '-')}-${index}.ts`
}
