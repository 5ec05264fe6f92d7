import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clip } from '../../../test/clip.ts'
import type { LocalServer } from '../page/local-server.ts'
import { type ClipFolder, clipFolder, type ShownClip } from './clip-folder.ts'
import { labelServer } from './server.ts'

const executablePath = '/usr/bin/chromium'
const missing = existsSync(executablePath) ? '' : `${executablePath} is not installed`
if (missing) console.warn(`the labelling page's tests in a browser are skipped: ${missing}`)

const shown = (id: string): ShownClip => ({
  id,
  framesPerSecond: 10,
  frames: [0, 1].map((x) => ({
    view: { left: 0, right: 1, bottom: 0, top: 1 },
    background: '#fff',
    figures: [{ kind: 'circle', x, y: 0.5, radius: 0.1, fill: '#c40' }],
  })),
})

describe.skipIf(missing)('the labelling page in a browser', () => {
  let browser: Browser
  let path: string
  let folder: ClipFolder
  let server: LocalServer
  let page: Page
  const problems: string[] = []

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu'] })
  }, 60_000)
  afterAll(() => browser?.close())

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'attune-label-page-'))
    folder = await clipFolder(path)
    for (const [a, b] of [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ] as const)
      await folder.ask([clip(a), clip(b)], [shown(a), shown(b)])
    const annotator = { id: 'ann', source: 'person' as const }
    server = await labelServer(folder, { annotator, question: 'Which?', port: 0 })
    page = await browser.newPage()
    page.setDefaultTimeout(15_000)
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(server.url)
    await answered(0)
  })
  afterEach(async () => {
    await page.context().close()
    await server.close()
    await rm(path, { recursive: true, force: true })
    expect(problems).toEqual([])
  })

  const answered = (count: number) => page.getByText(`${count} answered`).waitFor()
  /** The answers in the file, as the sides that they stood on. */
  const sides = async () =>
    (await folder.labels()).flatMap((label) =>
      label.kind === 'clip-comparison' && typeof label.preferred === 'number'
        ? [label.shown?.[0] === label.preferred ? 'left' : 'right']
        : [label.kind],
    )

  test('arrows answer, also after a speed was chosen', async () => {
    await page.keyboard.press('ArrowLeft')
    await answered(1)
    const speed = page.getByLabel('Speed')
    await speed.focus()
    await speed.selectOption('2')
    await page.keyboard.press('ArrowRight')
    await answered(2)
    expect(await sides()).toEqual(['left', 'right'])
    await page.keyboard.press('Backspace')
    await answered(1)
    expect(await sides()).toEqual(['left', 'right', 'retraction'])
    expect(await speed.inputValue()).toBe('2')
  })

  test('a key that is chosen in the dialog answers, and changes place with the one that had it', async () => {
    await page.getByRole('button', { name: 'Keys …' }).click()
    await page.getByRole('listitem').filter({ hasText: 'Left is better' }).getByRole('button').click()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('button', { name: 'Done' }).click()
    await page.keyboard.press('ArrowLeft')
    await answered(1)
    expect(await sides()).toEqual(['right'])
  })

  test('a dialog that is closed, or reset, while it waits for a key leaves the keys as they are', async () => {
    const listen = async () => {
      await page.getByRole('button', { name: 'Keys …' }).click()
      await page.getByRole('listitem').filter({ hasText: 'Left is better' }).getByRole('button').click()
    }
    await listen()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.keyboard.press('ArrowRight')
    await answered(1)
    await listen()
    await page.getByRole('button', { name: 'As at first' }).click()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('button', { name: 'Done' }).click()
    await page.keyboard.press('ArrowRight')
    await answered(2)
    expect(await sides()).toEqual(['right', 'right'])
  })
})
