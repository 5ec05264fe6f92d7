import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadTamerRecipe } from '../../cli/src/control/tamer/recipe.ts'
import { signalFile } from '../../cli/src/control/tamer/signal-file.ts'
import { trainTamer } from '../../cli/src/control/tamer/train.ts'
import { inspect } from './browser.ts'
import { missing, openBrowser } from './studio-server.ts'

const pathOf = (name: string) => new URL(`../../../recipes/${name}.yaml`, import.meta.url).pathname

describe.skipIf(missing)('the page at which a person trains', () => {
  let runs: string
  let browser: Browser
  const problems: string[] = []
  beforeAll(async () => {
    runs = await mkdtemp(join(tmpdir(), 'attune-tamer-page-'))
    browser = await openBrowser()
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await rm(runs, { recursive: true, force: true })
  })

  /** Starts a recipe and opens its page. */
  async function started(
    name: string,
    set: readonly string[],
  ): Promise<{ page: Page; ended: Promise<string>; stop: () => void }> {
    const recipe = await loadTamerRecipe(pathOf(name), [...set, 'evaluation_episodes=1'])
    const stopping = new AbortController()
    let ended = Promise.resolve('')
    const url = await new Promise<string>((resolve, reject) => {
      ended = trainTamer(recipe, {
        runs,
        resume: false,
        signal: stopping.signal,
        onPage: resolve,
      })
      ended.catch(reject)
    })
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.setDefaultTimeout(15_000)
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(url)
    await page.locator('#values[data-values]').waitFor()
    return { page, ended, stop: () => stopping.abort() }
  }
  const values = async (page: Page): Promise<number[]> =>
    JSON.parse((await page.locator('#values').getAttribute('data-values')) ?? '[]')
  const picture = async (page: Page, name: string) => {
    if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`) })
  }

  test('keys and buttons are signals, Ĥ changes by them, and what is saved is what the file makes', async () => {
    const { page, ended } = await started('tamer-mountain-car-people', ['seconds_per_step=0.05'])
    expect(await page.locator('#state').textContent()).toBe('paused')
    expect((await values(page)).every((value) => value === 0)).toBe(true)
    await page.keyboard.press('Space')
    await page.locator('#state', { hasText: 'it acts' }).waitFor()
    for (const key of ['ArrowUp', '+', 'ArrowUp', 'ArrowUp', 'ArrowUp']) {
      await page.keyboard.press(key)
      await page.waitForTimeout(250)
    }
    await page.waitForFunction(() =>
      JSON.parse(document.getElementById('values')!.dataset.values!).some((value: number) => value > 0.05),
    )
    await page.getByRole('button', { name: /Bad/ }).click()
    await page.keyboard.press('-')
    await page.locator('#signals li.bad').nth(1).waitFor()
    expect(await page.locator('#count').textContent()).toBe('7')

    await picture(page, 'tamer-acting')
    const speed = await page.locator('#speed').textContent()
    await page.keyboard.press('ArrowLeft')
    await page.locator('#speed', { hasNotText: speed! }).waitFor()
    await page.keyboard.press('ArrowRight')
    await page.locator('#speed', { hasText: speed! }).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.locator('#state', { hasText: 'paused' }).waitFor()
    const before = await page.locator('#step').textContent()
    await page.waitForTimeout(200)
    expect(await page.locator('#step').textContent()).toBe(before)
    expect(await inspect(page)).toEqual([])
    await picture(page, 'tamer-light')
    await page.emulateMedia({ colorScheme: 'dark' })
    await picture(page, 'tamer-dark')

    await page.reload() // what was said is there again
    await page.locator('#signals li.good').first().waitFor()
    expect(await page.locator('#count').textContent()).toBe('7')
    await page.getByRole('button', { name: 'Save and end' }).click()
    const folder = await ended
    await page.locator('#doing', { hasText: 'Saved in' }).waitFor()
    const signals = (await signalFile(folder)).steps.flatMap((step) => step.signals)
    expect(signals.map(({ value }) => value)).toEqual([1, 1, 1, 1, 1, -1, -1])
    const model = () => readFile(join(folder, 'model/human-reward.safetensors'))
    const saved = await model()
    const recipe = await loadTamerRecipe(pathOf('tamer-mountain-car-people'), ['evaluation_episodes=1'])
    const signal = new AbortController().signal
    await trainTamer(recipe, { runs, resume: false, refit: true, signal })
    expect((await model()).equals(saved)).toBe(true)
    expect(problems).toEqual([])
  })

  test('a press that the server did not hear is sent again, dated to when it was made', async () => {
    const { page, ended, stop } = await started('tamer-cartpole-people', ['name=cut', 'seconds_per_step=0.1'])
    await page.keyboard.press('Space')
    await page.route('**/api/signals', (route) => route.abort(), { times: 2 })
    await page.waitForTimeout(300)
    await page.keyboard.press('ArrowDown')
    await page.locator('#state.wrong', { hasText: '1 signal waits to be saved' }).waitFor()
    await page.locator('#signals li.bad').waitFor()
    await page.locator('#state', { hasText: 'it acts' }).waitFor()
    await page.close() // nobody looks: it waits
    const folder = join(runs, 'cut')
    const { steps, open } = await signalFile(folder)
    const [first] = [...steps.flatMap((step) => step.signals), ...open] // its step may not have ended
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect((await signalFile(folder)).steps.length).toBeLessThanOrEqual(steps.length + 1)
    expect(first!.value).toBe(-1)
    expect(first!.time).toBeLessThan(steps.at(-1)!.end - 0.4) // it arrived a second later
    stop()
    expect(await ended).toBe(folder)
  })

  test('Tetris shows what it expects of every placement', async () => {
    const { page, ended } = await started('tamer-tetris-people', ['seconds_per_step=0.3'])
    expect(await page.locator('#values .cell').count()).toBe(40)
    await page.keyboard.press('Space')
    for (const key of ['ArrowDown', 'ArrowUp', 'ArrowDown', 'ArrowUp', 'ArrowUp']) {
      await page.waitForTimeout(700)
      await page.keyboard.press(key)
    }
    await page.waitForFunction(
      () => new Set(JSON.parse(document.getElementById('values')!.dataset.values!)).size > 5,
    )
    await picture(page, 'tamer-tetris-light')
    await page.keyboard.press('Space')
    expect(await inspect(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    await picture(page, 'tamer-tetris-dark')
    await page.setViewportSize({ width: 390, height: 780 })
    await picture(page, 'tamer-tetris-phone')
    await page.getByRole('button', { name: 'Save and end' }).click()
    await ended
  })
})
