import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { overflow, seen, tabTo, violations } from './browser.ts'
import { buildStudio, missing, openBrowser, type Studio, startStudio } from './studio-server.ts'

const pairs = 20
const subjects = ['The people', 'Our farmers', 'The Congress', 'The nations of the world', 'American workers']
const verbs = ['have', 'will have', 'shall see', 'can expect']
const prompts = subjects.flatMap((subject) => verbs.map((verb) => `${subject} ${verb}`))
const file = prompts
  .map((prompt, i) => ({
    id: `pair-${i}`,
    prompt,
    completions: [{ text: ` a better year, number ${i}.` }, { text: ` nothing but debts in year ${i}.` }],
  }))
  .map((item) => `${JSON.stringify(item)}\n`)
  .join('')

if (missing) console.warn(`the studio's tests in a browser are skipped: ${missing}`)

describe.skipIf(missing)('the studio in a browser', () => {
  let studio: Studio
  let browser: Browser
  let you: BrowserContext
  let page: Page
  let project = ''
  const problems: string[] = []

  beforeAll(async () => {
    await buildStudio()
    ;[studio, browser] = await Promise.all([startStudio(), openBrowser()])
    you = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    page = await you.newPage()
    page.setDefaultTimeout(15_000)
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (line) => {
      if (/Content Security Policy|Minified React/.test(line.text())) problems.push(line.text())
    })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await studio?.stop()
  }, 60_000)

  const open = (path: string, on = page) => on.goto(`${studio.url}${path}`)

  test('an admin makes a project from a file and adds a person', async () => {
    await open('/projects/new')
    await page.getByLabel('Name', { exact: true }).fill('Hopeful years')
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'pairs.jsonl', mimeType: 'text/plain', buffer: Buffer.from(file) })
    await page.getByLabel('Question', { exact: true }).fill('Which year is better?')
    await page.getByRole('button', { name: 'Make the project' }).click()
    await page.getByRole('heading', { name: 'Hopeful years' }).waitFor()
    await page
      .getByText(`0 of ${2 * pairs}`)
      .first()
      .waitFor()
    project = new URL(page.url()).pathname.split('/').at(-1)!
    await page.getByRole('link', { name: 'People' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Grace')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('rowheader', { name: 'Grace' }).waitFor()
  })

  test('a person labels twenty pairs with nothing but the keyboard, and takes one back', async () => {
    await open('/')
    await page.getByRole('heading', { name: 'Hopeful years' }).waitFor()
    await tabTo(page, 'Label')
    await page.keyboard.press('Enter')
    await page.getByRole('article', { name: 'A' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('Escape')
    const first = await textOf(page, 'A')
    await seen(page)
    await page.keyboard.press('1')
    await page.waitForFunction((text) => document.querySelector('article')?.textContent !== text, first)
    await page.keyboard.press('u')
    await page.waitForFunction((text) => document.querySelector('article')?.textContent === text, first)
    await labelAll(page, 'a better year')
    expect(await counts(page, studio, project)).toEqual({ judged: pairs, items: pairs })
  })

  test('a second person labels the same, and the agreement of both appears', async () => {
    const other = await browser.newContext()
    const theirs = await other.newPage()
    await open('/login', theirs)
    await theirs.getByLabel('Name').fill('Grace')
    await theirs.keyboard.press('Enter')
    await theirs.getByText('Hello, Grace').waitFor()
    await open(`/projects/${project}/label`, theirs)
    await labelAll(theirs, 'a better year', 4)
    await other.close()
    await open(`/projects/${project}/agreement`)
    await page.getByText('80 %').first().waitFor()
    await page.getByRole('heading', { name: 'Disagreements' }).waitFor()
    expect(await page.locator('.disagreements > li').count()).toBe(4)
    expect(await page.getByRole('columnheader', { name: 'Grace' }).count()).toBe(1)
  })

  test('an answer whose acknowledgement is lost counts once after a reload', async () => {
    const before = await counts(page, studio, project)
    await page.getByRole('heading', { name: 'Disagreements' }).waitFor()
    await makeProject(page, studio, 'Cut', file)
    const cut = new URL(page.url()).pathname.split('/').at(-1)!
    await open(`/projects/${cut}/label`)
    await page.getByRole('article', { name: 'A' }).waitFor()
    await seen(page)
    await page.route('**/judgments', async (route) => {
      await route.fetch()
      await route.abort('connectionreset')
    })
    await page.keyboard.press('2')
    await page.getByText('The server cannot be reached').waitFor()
    await you.setOffline(true)
    await seen(page)
    await page.keyboard.press('7')
    await page.getByText('2 answers are kept in this browser').waitFor()
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await you.setOffline(false)
    await page.reload()
    await page.waitForFunction(
      () => !Object.keys(localStorage).some((key) => key.startsWith('attune.outbox.')),
    )
    expect(await counts(page, studio, cut)).toEqual({ judged: 2, items: 2 })
    expect(await counts(page, studio, project)).toEqual(before)
  })

  test('the labels train a model from the page, its curve moves live, and the arena compares it', {
    timeout: 400_000,
  }, async () => {
    await open(`/projects/${project}`)
    await page.getByText('How', { exact: true }).click()
    await page.getByLabel('Policy to start from').selectOption('sotu-4m')
    await page.getByLabel('Steps of the policy').fill('4')
    await page.getByLabel('Items for the next round').fill('2')
    await page.getByRole('button', { name: 'Train on these labels' }).click()
    await page.waitForURL('**/runs/hopeful-years-1')
    const curve = page.locator('.line path').first()
    await curve.waitFor({ timeout: 60_000 })
    const early = await curve.getAttribute('d')
    await page.waitForFunction((d) => document.querySelector('.line path')?.getAttribute('d') !== d, early, {
      timeout: 60_000,
    })
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('button', { name: 'Resume' }).waitFor({ timeout: 60_000 })
    await page.locator('.badge.stopped').waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.locator('.track .done', { hasText: 'after' }).waitFor({ timeout: 240_000 })
    await page.getByRole('heading', { name: 'Before and after' }).waitFor()
    await open(`/projects/${project}`)
    await page
      .locator('.rounds')
      .getByText(/reward −?[\d.]+ → −?[\d.]+/)
      .waitFor()
    await page
      .locator('.figure', { hasText: String(pairs + 2) })
      .first()
      .waitFor({ timeout: 60_000 })
    await open('/arena')
    await page.getByLabel('One model').selectOption('hopeful-years-1.ppo')
    await page.getByLabel('The other').selectOption('sotu-4m')
    await page.getByLabel('Prompt').fill('The people of this country')
    await page.getByRole('button', { name: 'Ask both' }).click()
    await page.getByRole('article', { name: 'B' }).waitFor({ timeout: 60_000 })
    expect(await page.locator('.reveal').count()).toBe(0)
    await page.getByRole('button', { name: 'A is better' }).click()
    await page.locator('.reveal').first().waitFor()
    expect((await page.locator('.reveal').allTextContents()).sort()).toEqual([
      'hopeful-years-1.ppo',
      'sotu-4m',
    ])
    await page.getByText('1 vote.').waitFor()
  })

  test('answers to one prompt stand in the order of the reward model that was just trained', async () => {
    await open('/chat?model=sotu-4m')
    await page.getByLabel('Compare samples').check()
    await page.getByLabel('Prompt', { exact: true }).fill('The people of this country')
    await page.getByLabel('Scored by').selectOption('hopeful-years-1.reward')
    await page.getByRole('button', { name: 'Sample', exact: true }).click()
    await page.locator('.scored li').nth(3).waitFor({ timeout: 60_000 })
    const scores = (await page.locator('.scored h2').allTextContents()).map((text) =>
      Number(text.replace('−', '-')),
    )
    expect(scores).toHaveLength(4)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(await violations(page)).toEqual([])
  })

  test('the reward model that was just trained scores what is still open', async () => {
    await open(`/projects/${project}/order`)
    await page.getByLabel('Where the reward model is unsure').check()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Scored', { exact: true }).waitFor({ timeout: 30_000 })
    await page.locator('.figure', { hasText: '2 of 2' }).waitFor()
    await page.getByText('hopeful-years-1.reward').first().waitFor()
  })

  test('a model is talked to, and its answer comes in pieces', async () => {
    await open('/chat?model=sotu-4m')
    await page.getByLabel('Your message').fill('The people of this country')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Begin anew' }).waitFor({ timeout: 60_000 })
    expect((await page.locator('.conversation .assistant .prose').textContent())!.trim()).not.toBe('')
  })

  test('axe finds nothing on any page in either theme, and nothing scrolls sideways at 320 pixels', {
    timeout: 400_000,
  }, async () => {
    const places = ['', 'agreement', 'people', 'export', 'order', 'known', 'protocol', 'label'].map(
      (part) => `/projects/${project}/${part}`,
    )
    const others = [
      '/',
      '/projects/new',
      '/runs',
      '/runs/new',
      '/runs/hopeful-years-1',
      '/chat',
      '/arena',
      '/models',
      '/settings',
      '/login',
    ]
    const found: string[] = []
    for (const path of [...others, ...places]) {
      await open(path)
      await page.locator('h1, .empty h2').first().waitFor()
      await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => {})
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        for (const violation of await violations(page)) found.push(`${path} ${colorScheme} ${violation}`)
      }
      await page.setViewportSize({ width: 320, height: 640 })
      for (const violation of await violations(page)) found.push(`${path} narrow ${violation}`)
      const over = await overflow(page)
      if (over > 0) found.push(`${path} is ${over} pixels too wide`)
      await page.setViewportSize({ width: 1280, height: 900 })
    }
    expect(found).toEqual([])
  })

  test('no script failed and the content security policy was never broken', () => {
    expect(problems).toEqual([])
  })
})

async function textOf(page: Page, name: string): Promise<string> {
  return (await page.getByRole('article', { name }).textContent())!
}

/** Prefers the answers that hold this text with keys alone; the first few the other way round. */
async function labelAll(page: Page, liked: string, contrary = 0): Promise<void> {
  const done = page.getByRole('heading', { name: 'Nothing is left for you here.' })
  for (let i = 0; ; i++) {
    await page.getByRole('article', { name: 'A' }).or(done).first().waitFor()
    if (await done.isVisible()) return
    await seen(page)
    const [text, prompt] = [await textOf(page, 'A'), await page.locator('.prompt-text').textContent()]
    await page.keyboard.press(text.includes(liked) === i >= contrary ? '2' : '7')
    await page.waitForFunction(
      (before) => document.querySelector('.prompt-text')?.textContent !== before,
      prompt,
    )
  }
}

/** How many of the caller's judgments count, and of how many items. */
async function counts(
  page: Page,
  studio: Studio,
  project: string,
): Promise<{ judged: number; items: number }> {
  const answer = await page.request.get(`${studio.url}/api/projects/${project}/progress`)
  const { perAnnotator } = (await answer.json()) as { perAnnotator: { annotator: string; done: number }[] }
  const judgments = await page.request.get(
    `${studio.url}/api/projects/${project}/judgments?annotator=local&limit=500`,
  )
  const { items } = (await judgments.json()) as {
    items: { item: string; kind: string; id: string; supersedes?: string }[]
  }
  const own = items.filter(({ kind }) => kind === 'comparison')
  return {
    judged: perAnnotator.find(({ annotator }) => annotator === 'local')?.done ?? 0,
    items: new Set(own.map(({ item }) => item)).size,
  }
}

async function makeProject(page: Page, studio: Studio, name: string, text: string): Promise<void> {
  await page.goto(`${studio.url}/projects/new`)
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'pairs.jsonl', mimeType: 'text/plain', buffer: Buffer.from(text) })
  await page.getByRole('button', { name: 'Make the project' }).click()
  await page.getByRole('heading', { name }).waitFor()
}
