import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inspect, type Line, lineTo, seen, tabTo } from './browser.ts'
import { missing, type Person, type Studio, studioInBrowser } from './studio-server.ts'

type Loose = Readonly<Record<string, unknown>>

describe.skipIf(missing)('the studio when things fail, and without a pointer', () => {
  let studio: Studio
  let you: BrowserContext
  let page: Page
  let admin: Person
  let close = async () => {}
  let line: Line
  const problems: string[] = []

  beforeAll(async () => {
    ;({ studio, you, admin, close } = await studioInBrowser())
    line = await lineTo(studio.url)
    you.setDefaultTimeout(15_000)
    page = await you.newPage()
    page.on('console', (text) => {
      if (/Content Security Policy/.test(text.text())) problems.push(text.text())
    })
  }, 90_000)
  afterAll(async () => {
    await line?.close()
    await close()
  }, 60_000)

  async function pairs(name: string, items: number): Promise<string> {
    const protocol = { version: '1', kind: 'comparison', question: 'Which is better?' }
    const { id } = await admin.post<{ id: string }>('/api/projects', { name, description: '', protocol })
    await admin.post(`/api/projects/${id}/items`, {
      items: Array.from({ length: items }, (_, i) => ({
        id: `item-${i}`,
        prompt: `Prompt number ${i}`,
        completions: [{ text: 'yes' }, { text: 'no' }],
      })),
    })
    return id
  }

  const judged = async (id: string) =>
    (await admin.get<{ items: Loose[] }>(`/api/projects/${id}/judgments?limit=100`)).items

  const answered = (on: Page) =>
    on.waitForFunction(() => !Object.keys(localStorage).some((key) => key.startsWith('attune.outbox.')))

  test('cut in the middle of a submit, reloaded twice without a network, mended: each answer is stored once', async () => {
    const id = await pairs('Cut off', 6)
    await page.goto(`${line.url}/projects/${id}/label`)
    await page.getByRole('article', { name: 'A' }).waitFor()
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready
      while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 50))
    })
    const first = await page.locator('.prompt-text').textContent()
    await seen(page)
    const cut = line.cutAfter(`POST /api/projects/${id}/judgments`)
    await page.keyboard.press('2')
    await cut
    await page.getByText('One answer is kept in this browser').waitFor()
    expect(await judged(id)).toHaveLength(1)

    await page.reload()
    await page.getByRole('article', { name: 'A' }).waitFor()
    await page.getByText('One answer is kept in this browser').waitFor()
    const second = await page.locator('.prompt-text').textContent()
    expect(second).not.toBe(first)
    await seen(page)
    await page.keyboard.press('7')
    await page.getByText('2 answers are kept in this browser').waitFor()
    await page.reload()
    await page.getByText('2 answers are kept in this browser').waitFor()

    line.mend()
    await answered(page)
    const stored = await judged(id)
    expect(stored).toHaveLength(2)
    expect(new Set(stored.map(({ item }) => item)).size).toBe(2)
    expect(stored.map(({ strength }) => strength)).toEqual([2, 2])
    await page.getByText('The server cannot be reached').waitFor({ state: 'detached' })
    await seen(page)
    await page.keyboard.press('1')
    await page.waitForTimeout(300)
    await answered(page)
    expect(await judged(id)).toHaveLength(3)
  })

  test('what is kept in the browser for other times are the studio’s own files alone', async () => {
    const kept = await page.evaluate(async () => {
      const names = await caches.keys()
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
      return requests.flat().map(({ url }) => new URL(url).pathname)
    })
    expect(kept).toContain('/')
    expect(kept.length).toBeGreaterThan(5)
    expect(kept.filter((path) => !/^\/($|assets\/|theme\.js$|icon\.svg$)/.test(path))).toEqual([])
    const headers = (await page.request.get(`${line.url}/service-worker.js`)).headers()
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
    expect(headers['cache-control']).toBe('no-cache')
  })

  test('another person on the same browser finds nothing of the first one’s, with or without a network', async () => {
    const id = await pairs('Mine', 4)
    await admin.post('/api/people', { name: 'Grace', role: 'annotator' })
    await page.goto(`${line.url}/projects/${id}/label`)
    await page.getByRole('article', { name: 'A' }).waitFor()
    await seen(page)
    line.cut()
    await page.keyboard.press('2')
    await page.getByText('One answer is kept in this browser').waitFor()
    line.mend()
    await page.route('**/judgments', (route) => route.abort())
    await page.goto(`${line.url}/login`)
    await page.getByLabel('Name').fill('Grace')
    await page.keyboard.press('Enter')
    await page.getByText('Hello, Grace').waitFor()
    expect(await page.getByText('kept in this browser').count()).toBe(0)
    line.cut()
    await page.reload()
    await page
      .getByRole('button', { name: 'Account: Grace' })
      .or(page.getByLabel('Account: Grace'))
      .first()
      .waitFor()
    expect(await page.getByText('kept in this browser').count()).toBe(0)
    line.mend()
    await page.unroute('**/judgments')
    await you.clearCookies()
    await page.reload()
    await answered(page)
    expect((await judged(id)).map(({ annotator }) => (annotator as { id: string }).id)).toEqual(['local'])
  })

  test('two tabs show different tasks, and what one answers leaves the other', async () => {
    const id = await pairs('Two tabs', 8)
    const [one, other, copy] = [await you.newPage(), await you.newPage(), await you.newPage()]
    const open = async (on: Page) => {
      await on.goto(`${studio.url}/projects/${id}/label`)
      await on.getByRole('article', { name: 'A' }).waitFor()
      return on.locator('.prompt-text').textContent()
    }
    const first = await open(one)
    expect(await open(other)).not.toBe(first)
    await other.close()
    const desk = await one.evaluate(() => Object.entries(sessionStorage))
    await copy.addInitScript((entries) => {
      for (const [name, value] of entries as [string, string][]) sessionStorage.setItem(name, value)
    }, desk)
    expect(await open(copy)).toBe(first)
    await seen(one)
    await one.keyboard.press('1')
    await copy.getByText('You have answered this in another tab').first().waitFor()
    await copy.close()
    const finished = one.getByRole('heading', { name: 'Nothing is left for you here.' })
    for (let i = 0; i < 12 && !(await finished.isVisible()); i++) {
      await seen(one)
      await one.keyboard.press('8')
    }
    await answered(one)
    const all = await judged(id)
    expect(all.length).toBeGreaterThan(4)
    expect(new Set(all.map(({ item }) => item)).size).toBe(all.length)
    await one.close()
  })

  test('a page that cannot be drawn says so and goes on; what was typed is there', async () => {
    await page.goto(`${studio.url}/projects/new`)
    await page.getByLabel('Name', { exact: true }).fill('Half a project')
    await page.route('**/api/models*', (route) =>
      route.fulfill({ json: { items: [null], nextCursor: null } }),
    )
    await page.getByLabel('From a model’s samples').click()
    await page.getByRole('heading', { name: 'This page could not be shown' }).waitFor()
    await page.getByText('Details for a report').waitFor()
    expect(await inspect(page)).toEqual([])
    await page.unroute('**/api/models*')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByLabel('Prompts').waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Half a project')
    await page.route('**/api/runs*', (route) => route.fulfill({ json: { items: [{}], nextCursor: null } }))
    await page.getByRole('link', { name: 'Runs' }).click()
    await page.getByRole('heading', { name: 'This page could not be shown' }).waitFor()
    await page.getByRole('link', { name: 'Arena' }).click()
    await page.getByRole('heading', { name: 'Arena', exact: true }).waitFor()
    await page.unroute('**/api/runs*')
  })

  test('with less movement asked for nothing moves by itself', async () => {
    const id = await pairs('Still', 3)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.goto(`${studio.url}/projects/${id}/label`)
    await page.getByRole('article', { name: 'A' }).waitFor()
    await seen(page)
    await page.keyboard.press('2')
    await page.getByText('Saved.').first().waitFor()
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
    await page.emulateMedia({ reducedMotion: 'no-preference' })
  })

  test('a whole session with the keyboard alone: make a project, label, skip, flag, undo, decide', async () => {
    page = await you.newPage()
    const keys = page.keyboard
    await page.goto(studio.url)
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
    await tabTo(page, 'New project')
    await keys.press('Enter')
    await page.getByRole('heading', { name: 'New project' }).waitFor()
    await tabTo(page, 'Name')
    await keys.press('Control+a')
    await keys.type('By keyboard')
    await tabTo(page, /^From a/)
    if (!(await page.getByLabel('Prompts').isVisible())) await keys.press('ArrowRight')
    await tabTo(page, 'Prompts')
    await keys.type('The people\nOur farmers\nThe Congress\nThe nations')
    await tabTo(page, 'Longest answer, tokens')
    await keys.press('Control+a')
    await keys.type('6')
    await tabTo(page, 'People per item')
    await keys.press('Control+a')
    await keys.type('1')
    await tabTo(page, 'Make the project')
    await keys.press('Enter')
    await page.getByRole('heading', { name: 'By keyboard' }).waitFor()
    await page.locator('.figure', { hasText: '0 of 4' }).waitFor({ timeout: 40_000 })
    await tabTo(page, 'Label')
    await keys.press('Enter')
    const prompt = page.locator('.prompt-text')
    const next = async (key: string) => {
      const before = await prompt.textContent()
      await seen(page)
      await keys.press(key)
      await page.waitForFunction(
        (text) => document.querySelector('.prompt-text')?.textContent !== text,
        before,
      )
    }
    await prompt.waitFor()
    const first = await prompt.textContent()
    await keys.press('f')
    await tabTo(page, 'Flag it')
    await keys.press('Enter')
    await page.getByRole('status').filter({ hasText: 'Flagged.' }).waitFor({ state: 'attached' })
    await next('1')
    await page.getByRole('status').filter({ hasText: 'Saved.' }).waitFor({ state: 'attached' })
    await next('u')
    expect(await prompt.textContent()).toBe(first)
    await next('9')
    await keys.press('s')
    await tabTo(page, 'Skip it')
    await next('Enter')
    await page.getByRole('status').filter({ hasText: 'Skipped' }).waitFor({ state: 'attached' })
    await keys.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await keys.press('Escape')
    await next('0')
    const id = /projects\/([^/]+)/.exec(page.url())![1]!
    await answered(page)
    const { done, skipped } = await admin.get<Loose>(`/api/projects/${id}/progress`)
    expect({ done, skipped }).toEqual({ done: 2, skipped: 1 })
    await tabTo(page, 'By keyboard')
    await keys.press('Enter')
    await page.getByRole('heading', { name: 'Close the loop' }).waitFor()
    await tabTo(page, 'Export')
    await keys.press('Enter')
    await page.getByText('TRL, preference').waitFor()
  })

  test('the content security policy was never broken', () => {
    expect(problems).toEqual([])
  })
})
