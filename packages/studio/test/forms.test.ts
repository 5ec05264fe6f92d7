import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inspect, seen } from './browser.ts'
import { missing, type Person, type Studio, studioInBrowser } from './studio-server.ts'

type Loose = Readonly<Record<string, unknown>>
interface Setting {
  readonly kind: string
  readonly completions?: readonly string[]
  readonly items?: number
  readonly protocol?: Loose
  readonly extra?: Loose
}

describe.skipIf(missing)('each form in a browser', () => {
  let studio: Studio
  let browser: Browser
  let you: BrowserContext
  let page: Page
  let admin: Person
  let close = async () => {}
  const problems: string[] = []

  beforeAll(async () => {
    ;({ studio, browser, you, admin, close } = await studioInBrowser())
    page = await newPage()
  }, 90_000)
  afterAll(() => close(), 60_000)

  async function newPage(): Promise<Page> {
    const opened = await you.newPage()
    opened.setDefaultTimeout(15_000)
    opened.on('pageerror', (error) => problems.push(error.message))
    opened.on('console', (line) => {
      if (/Content Security Policy|Minified React/.test(line.text())) problems.push(line.text())
    })
    return opened
  }

  /** A project of one kind with its items shown in the order they have. */
  async function project({ kind, completions = ['the answer'], items = 3, protocol, extra }: Setting) {
    const { id } = await admin.post<{ id: string }>('/api/projects', {
      name: `All about ${kind}`,
      description: '',
      protocol: { version: '1', kind, question: 'What do you think?', shuffle: false, ...protocol },
    })
    await admin.post(`/api/projects/${id}/items`, {
      items: Array.from({ length: items }, (_, i) => ({
        id: `item-${i}`,
        prompt: `Prompt number ${i}`,
        priority: items - i,
        completions: completions.map((text) => ({ text })),
        ...extra,
      })),
    })
    return id
  }

  async function label(setting: Setting): Promise<string> {
    const id = await project(setting)
    await page.goto(`${studio.url}/projects/${id}/label`)
    await prompt(0)
    return id
  }

  /** The judgments of a project that were acknowledged, oldest first, once there are `count`. */
  async function judged(id: string, count: number): Promise<Loose[]> {
    for (let i = 0; ; i++) {
      const { items } = await admin.get<{ items: Loose[] }>(`/api/projects/${id}/judgments?limit=100`)
      if (items.length >= count || i > 50) return items
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  const submit = () => page.keyboard.press('Control+Enter')
  const prompt = async (i: number) => {
    await page.locator('.prompt-text', { hasText: `Prompt number ${i}` }).waitFor()
    await seen(page)
  }

  test('two answers: differences on demand, a reason, eight steps, and undo shows the answer before', async () => {
    const id = await label({
      kind: 'comparison',
      completions: ['We will build roads.', 'We will build schools.'],
    })
    await page.keyboard.press('d')
    await page.locator('ins', { hasText: 'schools' }).waitFor()
    await page.keyboard.press('d')
    await page.getByText('Say why (optional)').click()
    await page.getByRole('textbox', { name: 'Why' }).fill('Roads 4 all')
    expect(await inspect(page)).toEqual([])
    await page.getByRole('button', { name: /^B better/ }).click()
    await prompt(1)
    expect((await judged(id, 1))[0]).toMatchObject({
      preferred: 1,
      strength: 2,
      comment: 'Roads 4 all',
      shown: [0, 1],
    })
    await page.keyboard.press('u')
    await prompt(0)
    await page.getByRole('button', { name: /^B better.*your answer before/ }).waitFor()
    expect(await page.getByRole('textbox', { name: 'Why' }).inputValue()).toBe('Roads 4 all')
    await page.keyboard.press('4')
    await prompt(1)
    await page.waitForFunction(
      () => !Object.keys(localStorage).some((key) => key.startsWith('attune.outbox.')),
    )
    const [again, ...others] = await judged(id, 1)
    expect(again).toMatchObject({ item: 'item-0', preferred: 0 })
    expect(again).not.toHaveProperty('strength')
    expect(others).toEqual([])
  })

  test('a ranking is dragged, moved with keys, and tied', async () => {
    const id = await label({ kind: 'ranking', completions: ['one', 'two', 'three'] })
    const grip = async (name: string) =>
      (await page.getByRole('button', { name: `Drag ${name}` }).boundingBox())!
    const [from, to] = [await grip('C'), await grip('A')]
    await page.mouse.move(from.x + 10, from.y + 10)
    await page.mouse.down()
    await page.mouse.move(from.x + 10, from.y - 20, { steps: 4 })
    await page.mouse.move(to.x + 10, to.y, { steps: 8 })
    await page.mouse.up()
    await page.getByRole('article', { name: 'C, place 1' }).waitFor()
    await page.getByText('C is now at place 1').waitFor({ state: 'attached' })
    expect(await inspect(page)).toEqual([])
    await submit()
    await prompt(1)
    await page.getByRole('button', { name: 'Move A down' }).focus()
    await page.keyboard.press('3')
    await page.getByRole('article', { name: 'A, place 3' }).waitFor()
    await page.getByRole('button', { name: 'Drag B' }).focus()
    await page.keyboard.press('Space')
    await page.waitForTimeout(120)
    await page.keyboard.press('ArrowDown')
    await page.waitForTimeout(250)
    await page.keyboard.press('Space')
    await page.getByRole('article', { name: 'B, place 2' }).waitFor()
    await page.getByLabel('as good as the next').first().check()
    await submit()
    await prompt(2)
    const [dragged, keyed] = await judged(id, 2)
    expect(dragged).toMatchObject({ kind: 'ranking', order: [2, 0, 1] })
    expect(keyed).toMatchObject({ order: [2, 1, 0], ties: [0] })
  })

  test('scales are graded with keys, words and a slider; nothing goes in while one has no grade', async () => {
    const scales = [
      { name: 'Helpful', low: 1, high: 5, labels: ['useless', 'poor', 'fair', 'good', 'perfect'] },
      { name: 'Certainty', low: 0, high: 100 },
    ]
    const id = await label({ kind: 'rating', protocol: { scales } })
    await page.keyboard.press('4')
    await page.getByText('Helpful good').waitFor()
    await submit()
    expect(await page.getByText('Certainty has no grade yet').count()).toBe(1)
    await page.getByRole('slider', { name: 'Certainty' }).focus()
    await page.keyboard.press('End')
    expect(await inspect(page)).toEqual([])
    await submit()
    await prompt(1)
    const ratings = [
      { scale: 'Helpful', value: 4 },
      { scale: 'Certainty', value: 100 },
    ]
    expect((await judged(id, 1))[0]).toMatchObject({ kind: 'rating', ratings })
    await page.keyboard.press('u')
    await page.getByText('Helpful good').waitFor()
  })

  test('thumbs go in with one key, with a reason', async () => {
    const id = await label({ kind: 'binary' })
    await page.getByText('Say why (optional)').click()
    await page.getByRole('textbox', { name: 'Why' }).fill('too short')
    await page.keyboard.press('1')
    expect(await judged(id, 0)).toEqual([])
    await page.getByRole('textbox', { name: 'Why' }).fill('too short')
    expect(await inspect(page)).toEqual([])
    await page.getByRole('button', { name: 'Bad' }).click()
    await prompt(1)
    await page.keyboard.press('1')
    await prompt(2)
    const [bad, good] = await judged(id, 2)
    expect(bad).toMatchObject({ kind: 'binary', desirable: false, comment: 'too short' })
    expect(good).toMatchObject({ desirable: true })
  })

  test('a rewrite shows its differences, and Esc leaves the field', async () => {
    const id = await label({ kind: 'edit', completions: ['We was here.'] })
    const field = page.getByRole('textbox', { name: 'Rewrite the answer as it should be' })
    expect(await field.inputValue()).toBe('We was here.')
    await field.fill('We were here.')
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY')
    await page.keyboard.press('d')
    await page.locator('del', { hasText: 'was' }).waitFor()
    await page.locator('ins', { hasText: 'were' }).waitFor()
    expect(await inspect(page)).toEqual([])
    await submit()
    await prompt(1)
    expect((await judged(id, 1))[0]).toMatchObject({
      kind: 'edit',
      before: 'We was here.',
      after: 'We were here.',
    })
  })

  test('a demonstration that is half written is there after a reload, and on another machine', async () => {
    const id = await label({ kind: 'demonstration', completions: [] })
    const name = 'Write the answer that the model should give'
    await page.getByRole('textbox', { name }).fill('Half of it')
    await page.reload()
    await prompt(0)
    expect(await page.getByRole('textbox', { name }).inputValue()).toBe('Half of it')
    await page.getByRole('textbox', { name }).fill('Half of it, 1 more')
    await page.waitForResponse((response) => response.url().endsWith('/draft'))
    await page.close()
    const elsewhere = await browser.newContext({
      storageState: { cookies: await you.cookies(), origins: [] },
    })
    page = await elsewhere.newPage()
    page.setDefaultTimeout(15_000)
    await page.goto(`${studio.url}/projects/${id}/label`)
    await prompt(0)
    expect(await page.getByRole('textbox', { name }).inputValue()).toBe('Half of it, 1 more')
    expect(await inspect(page)).toEqual([])
    await submit()
    const given = await judged(id, 1)
    await elsewhere.close()
    page = await newPage()
    expect(given[0]).toMatchObject({
      kind: 'demonstration',
      completion: 'Half of it, 1 more',
    })
  })

  test('a critique is written; keys in it are text', async () => {
    const id = await label({ kind: 'critique' })
    const field = page.getByRole('textbox', { name: 'What is good or bad about this answer?' })
    await submit()
    await field.click()
    await page.keyboard.type('surely false: 1 of 9 uses')
    await page.getByText('6 words').waitFor()
    expect(await inspect(page)).toEqual([])
    await submit()
    await prompt(1)
    const all = await judged(id, 1)
    expect(all).toHaveLength(1)
    expect(all[0]).toMatchObject({ kind: 'critique', text: 'surely false: 1 of 9 uses' })
  })

  test('rules are checked, with the place where one is broken', async () => {
    const rules = ['Be polite', 'Say nothing false', 'Name a source'].map((text, i) => ({
      id: `r${i}`,
      text,
    }))
    const id = await label({ kind: 'rule-check', completions: ['Earth is flat, dear.'], protocol: { rules } })
    await page.getByRole('group', { name: 'Say nothing false' }).getByLabel('Broken').check()
    const where = page.getByRole('textbox', { name: 'Where?' })
    await where.focus()
    await page.keyboard.press('Control+Home')
    for (let i = 0; i < 13; i++) await page.keyboard.press('Shift+ArrowRight')
    await page.locator('mark', { hasText: 'Earth is flat' }).waitFor()
    await page.getByText('2 of 3 rules left').waitFor()
    await page.getByRole('button', { name: 'The rest are kept' }).click()
    expect(await inspect(page)).toEqual([])
    await submit()
    await prompt(1)
    expect((await judged(id, 1))[0]).toMatchObject({
      kind: 'rule-check',
      checks: [
        { rule: 'r0', violated: false },
        { rule: 'r1', violated: true, span: { start: 0, end: 13 } },
        { rule: 'r2', violated: false },
      ],
    })
  })

  test('a part of one answer is flagged and the task stays; a task is skipped with a reason', async () => {
    const id = await label({ kind: 'comparison', completions: ['Call 555-0100 now', 'No'] })
    await page.keyboard.press('f')
    const dialog = page.getByRole('dialog', { name: 'Flag a problem' })
    await dialog.getByLabel('Personal data').check()
    await dialog.getByLabel('A', { exact: true }).check()
    await dialog.getByRole('textbox', { name: 'The part (optional)' }).focus()
    await page.keyboard.press('Control+Home')
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight')
    for (let i = 0; i < 8; i++) await page.keyboard.press('Shift+ArrowRight')
    await dialog.locator('mark', { hasText: '555-0100' }).waitFor()
    await dialog.getByLabel('Note (optional)').fill('a number')
    expect(await inspect(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Flag it' }).click()
    await prompt(0)
    expect((await judged(id, 1))[0]).toMatchObject({
      kind: 'flag',
      reason: 'personal: a number',
      completionIndex: 0,
      span: { start: 5, end: 13 },
    })
    await page.keyboard.press('s')
    const skip = page.getByRole('dialog', { name: 'Skip this one' })
    await skip.getByLabel('The prompt is unclear').check()
    expect(await inspect(page)).toEqual([])
    await skip.getByRole('button', { name: 'Skip it' }).click()
    await prompt(1)
    const { skipped, done } = await admin.get<{ skipped: number; done: number }>(
      `/api/projects/${id}/progress`,
    )
    expect({ skipped, done }).toEqual({ skipped: 1, done: 0 })
  })

  test('two clips play together; arrows answer, pause stops them, and less movement means none at first', async () => {
    const ball = (id: string, x: number) => ({
      id,
      framesPerSecond: 20,
      frames: Array.from({ length: 20 }, (_, i) => ({
        view: { left: 0, right: 4, bottom: 0, top: 3 },
        background: '#eef',
        figures: [{ kind: 'circle', x: x + i / 20, y: 1.5, radius: 0.3, fill: '#c40' }],
      })),
    })
    const clips = [ball('slow', 0.5), ball('fast', 2)]
    const id = await label({
      kind: 'clip-comparison',
      completions: clips.map((clip) => JSON.stringify(clip)),
      items: 5,
      extra: { clips: clips.map((clip) => clip.id) },
    })
    const frame = () => page.locator('canvas').first().getAttribute('data-frame')
    const first = await frame()
    await page.waitForFunction((old) => document.querySelector('canvas')?.dataset.frame !== old, first)
    await page.keyboard.press(' ')
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
    const still = await frame()
    await page.waitForTimeout(200)
    expect(await frame()).toBe(still)
    const pixels = await page
      .locator('canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
        return new Set(new Uint32Array(data.buffer)).size
      })
    expect(pixels).toBeGreaterThan(1)
    expect(await inspect(page)).toEqual([])
    await page.keyboard.press('ArrowLeft')
    await prompt(1)
    await page.keyboard.press('ArrowRight')
    await prompt(2)
    await page.keyboard.press('ArrowUp')
    await prompt(3)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.keyboard.press('ArrowDown')
    await prompt(4)
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
    expect(await frame()).toBe('0')
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    const all = await judged(id, 3)
    expect(all.map(({ preferred }) => preferred)).toEqual([0, 1, 'tie'])
    expect(all[0]).toMatchObject({ kind: 'clip-comparison', clips: ['slow', 'fast'] })
    expect(await admin.get(`/api/projects/${id}/progress`)).toMatchObject({ skipped: 1, done: 3 })
  })

  test('no script failed and the content security policy was never broken', () => {
    expect(problems).toEqual([])
  })
})
