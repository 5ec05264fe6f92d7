import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inspect } from './browser.ts'
import { writeRun } from './run-folder.ts'
import { missing, type Person, person, type Studio, studioInBrowser } from './studio-server.ts'

type Loose = Readonly<Record<string, unknown>>

describe.skipIf(missing)('managing and watching in a browser', () => {
  let studio: Studio
  let browser: Browser
  let you: BrowserContext
  let page: Page
  let admin: Person
  let close = async () => {}
  const people: Person[] = []

  beforeAll(async () => {
    const prepare = async (home: string) => {
      await writeRun(home, { name: 'round-1', project: 'rounds' })
      await writeRun(home, { name: 'round-2', shift: 1 })
    }
    ;({ studio, browser, you, admin, close } = await studioInBrowser({ prepare }))
    you.setDefaultTimeout(15_000)
    for (const name of ['Grace', 'Alan']) {
      await admin.post('/api/people', { name, role: 'annotator' })
      people.push(await person(studio, (await browser.newContext()).request, name))
    }
    page = await you.newPage()
  }, 90_000)
  afterAll(() => close(), 60_000)

  const open = (path: string) => page.goto(`${studio.url}${path}`)
  const judged = async (id: string, annotator: string) =>
    (await admin.get<{ items: Loose[] }>(`/api/projects/${id}/judgments?annotator=${annotator}`)).items

  /** A project that Grace and Alan have answered, item by item, differently. */
  async function contested(
    name: string,
    protocol: Loose,
    answers: readonly Loose[],
    completions = ['yes', 'no'],
  ) {
    const { id } = await admin.post<{ id: string }>('/api/projects', {
      name,
      description: '',
      protocol: { version: '1', overlap: 2, question: name, shuffle: false, ...protocol },
    })
    await admin.post(`/api/projects/${id}/items`, {
      items: [0, 1].map((i) => ({
        id: `item-${i}`,
        prompt: `Prompt number ${i}`,
        completions: completions.map((text) => ({ text })),
      })),
    })
    for (const [i, someone] of people.entries())
      for (let task = 0; task < 2; task++) {
        const { lease } = await someone.post<{ lease: { id: string } }>(`/api/projects/${id}/claim`)
        const body = {
          key: `${name}-${i}-${task}`.replaceAll(' ', '-'),
          lease: lease.id,
          judgment: answers[i],
        }
        await someone.post(`/api/projects/${id}/judgments`, { ...body, durationSeconds: 4 })
      }
    return id
  }

  test('each format that the server writes is offered, and its file holds the judgments', async () => {
    const answers = [0, 1].map((preferred) => ({ kind: 'comparison', preferred, strength: 2 }))
    const id = await contested('Exports', { kind: 'comparison' }, answers)
    await open(`/projects/${id}/export`)
    await page.getByText('TRL, preference').first().waitFor()
    const document = await (await page.request.get(`${studio.url}/openapi.json`)).json()
    const parameters = document.paths['/api/projects/{id}/export'].get.parameters as Loose[]
    const formats = (parameters.find(({ name }) => name === 'format')!.schema as { enum: string[] }).enum
    const links = await page
      .locator('.exports a')
      .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href))
    // of comparisons nobody has written a text or marked a line
    const empty = ['trl-prompt-completion', 'trl-language-modeling', 'trl-stepwise']
    expect(links.map((link) => new URL(link).searchParams.get('format'))).toEqual(
      formats.filter((format) => !empty.includes(format)),
    )
    await page.getByText('make no rows of: TRL, prompt and completion').waitFor()
    for (const link of links) {
      const bytes = await (await page.request.get(link)).body()
      const format = new URL(link).searchParams.get('format')!
      expect(bytes.length, link).toBeGreaterThan(2)
      if (format.includes('parquet')) expect(bytes.subarray(0, 4).toString()).toBe('PAR1')
      if (format === 'trl-preference')
        expect(Object.keys(JSON.parse(bytes.toString().split('\n')[0]!))).toEqual(
          expect.arrayContaining(['prompt', 'chosen', 'rejected']),
        )
    }
    const download = page.waitForEvent('download')
    await page.getByText('CSV').click()
    expect((await download).suggestedFilename()).toBe(`${id}-csv.csv`)
    expect(await inspect(page)).toEqual([])
  })

  test('an item becomes a question with a known answer, and the page says who answers it right', async () => {
    const { id } = await admin.post<{ id: string }>('/api/projects', {
      name: 'Known',
      description: '',
      protocol: {
        version: '1',
        kind: 'comparison',
        question: 'Which is better?',
        goldShare: 0.5,
        shuffle: false,
      },
    })
    await admin.post(`/api/projects/${id}/items`, {
      items: [0, 1].map((i) => ({ prompt: `Sum ${i}`, completions: [{ text: 'right' }, { text: 'wrong' }] })),
    })
    await open(`/projects/${id}/known`)
    await page.getByText('There is none yet.').waitFor()
    await page.getByRole('button', { name: 'Set the answer of Sum 0' }).click()
    const dialog = page.getByRole('dialog', { name: 'The right answer' })
    expect(await inspect(page)).toEqual([])
    await dialog.getByRole('button', { name: /^A much better/ }).click()
    await page.getByText('Right: A').waitFor()
    expect(await inspect(page)).toEqual([])
    const items = (query: string) =>
      admin.get<{ items: { item: Loose }[] }>(`/api/projects/${id}/items?limit=10&${query}`)
    expect((await items('gold=true')).items.map(({ item }) => item.gold)).toEqual([{ preferred: 0 }])
    expect((await items('gold=false')).items).toHaveLength(2)
    // Grace knows it, Alan does not; neither is told which question that was
    for (const [i, someone] of people.entries())
      for (let task = 0; task < 2; task++) {
        const { lease, item } = await someone.post<{ lease: { id: string }; item: Loose }>(
          `/api/projects/${id}/claim`,
        )
        expect(item).not.toHaveProperty('gold')
        const judgment = { kind: 'comparison', preferred: i, strength: 1 }
        const body = { key: `known-${i}-${task}`, item: item.id, lease: lease.id, judgment }
        await someone.post(`/api/projects/${id}/judgments`, { ...body, durationSeconds: 4 })
      }
    await page.reload()
    await page.locator('.who li', { hasText: 'Grace' }).getByText('100 %').waitFor()
    await page.locator('.who li', { hasText: 'Alan' }).getByText('0 %', { exact: true }).waitFor()
    expect(await inspect(page)).toEqual([])
  })

  test('the order of questions is chosen, and a model may answer what it is certain of', async () => {
    const { id } = await admin.post<{ id: string }>('/api/projects', {
      name: 'Ordered',
      description: '',
      protocol: { version: '1', kind: 'comparison', question: 'Which is better?' },
    })
    await open(`/projects/${id}/order`)
    await page.getByLabel('Where the reward model is unsure').check()
    await page.getByLabel('A model answers the pairs it is certain of').check()
    await page.getByLabel('Certain from, %').fill('90')
    await page.evaluate(() => window.scrollTo(0, 0)) // nothing is half under the bar
    expect(await inspect(page)).toEqual([])
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved. The queue follows.').first().waitFor()
    expect(await admin.get(`/api/projects/${id}/selection`)).toMatchObject({
      order: 'uncertainty',
      models: [],
      prescreen: { certainty: 0.9, checkShare: 0.1 },
    })
    // no reward model has been trained here, and the page says so
    await page
      .getByRole('status')
      .filter({ hasText: /reward model/ })
      .first()
      .waitFor()
  })

  test('people belong to groups, and the page says how far each agrees', async () => {
    const answers = [0, 1].map((preferred) => ({ kind: 'comparison', preferred, strength: 1 }))
    const before = await contested('Before groups', { kind: 'comparison' }, answers)
    await open(`/projects/${before}/agreement`)
    await page.getByRole('heading', { name: 'Each person' }).waitFor()
    expect(await page.getByRole('heading', { name: 'Groups', exact: true }).count()).toBe(0)
    await open(`/projects/${before}/people`)
    for (const name of ['Grace', 'Alan']) {
      await page.getByLabel(`Group of ${name}`).fill('pioneers')
      await page.keyboard.press('Enter')
    }
    await page.waitForFunction(async () =>
      (await (await fetch('/api/people')).json()).items.every(
        ({ name, group }: { name: string; group: string | null }) =>
          !['Grace', 'Alan'].includes(name) || group === 'pioneers',
      ),
    )
    expect(await inspect(page)).toEqual([])
    const after = await contested('With groups', { kind: 'comparison' }, answers)
    await open(`/projects/${after}/agreement`)
    const row = page.locator('tr', { hasText: 'pioneers' })
    await row.waitFor()
    expect(await row.locator('td').allTextContents()).toEqual(['2', '4', '0 %', '–'])
    expect(await inspect(page)).toEqual([])
  })

  test('a disagreement about a pair is decided with a button, one about grades with the form', async () => {
    const answers = [0, 1].map((preferred) => ({ kind: 'comparison', preferred, strength: 1 }))
    const id = await contested('Pairs to decide', { kind: 'comparison' }, answers)
    await open(`/projects/${id}/agreement`)
    await page.getByText('0 %').first().waitFor()
    await page.locator('.said', { hasText: 'Grace A' }).first().waitFor()
    await page.locator('.said', { hasText: 'Alan B' }).first().waitFor()
    expect(await inspect(page)).toEqual([])
    const decide = page.locator('.disagreements > li').first().getByRole('group', { name: 'Decide' })
    await decide.getByRole('button', { name: 'B', exact: true }).click()
    await page.getByText('Decided.').first().waitFor()
    await page.waitForFunction(() => document.querySelectorAll('.disagreements > li').length === 1)
    expect(await judged(id, 'local')).toMatchObject([
      { kind: 'comparison', preferred: 1, metadata: { decision: true } },
    ])

    const scales = [{ name: 'Helpful', low: 1, high: 5 }]
    const grades = [1, 5].map((value) => ({ kind: 'rating', ratings: [{ scale: 'Helpful', value }] }))
    const rating = await contested('Grades to decide', { kind: 'rating', scales }, grades, ['yes'])
    await open(`/projects/${rating}/agreement`)
    await page.getByRole('button', { name: 'Decide' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Decide' })
    await dialog.getByRole('radio', { name: '3' }).check()
    expect(await inspect(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Submit' }).click()
    await page.getByText('Decided.').first().waitFor()
    await page.waitForFunction(() => document.querySelectorAll('.disagreements > li').length === 1)
    expect(await judged(rating, 'local')).toMatchObject([
      { kind: 'rating', ratings: [{ scale: 'Helpful', value: 3 }] },
    ])
  })

  async function make(name: string, file: { name: string; text: string }, kind?: string) {
    await open('/projects/new')
    await page.getByLabel('Name', { exact: true }).fill(name)
    if (kind) await page.getByLabel(kind, { exact: true }).check()
    const buffer = Buffer.from(file.text)
    await page.locator('input[type=file]').setInputFiles({ name: file.name, mimeType: 'text/plain', buffer })
    await page.getByRole('button', { name: 'Make the project' }).click()
  }

  test('projects are made from CSV, Argilla’s JSON and clips; rows that cannot be read are named', async () => {
    await make('From CSV', {
      name: 'pairs.csv',
      text: 'prompt,chosen,rejected\nHello,Hi,Go\nBye,See you,Go\n',
    })
    await page.locator('.figure', { hasText: '0 of 4' }).waitFor()
    await make('Torn', {
      name: 'pairs.jsonl',
      text: '{"prompt":"a","chosen":"b","rejected":"c"}\n{"prompt":\n',
    })
    await page.getByText('One row was left out of the project.').waitFor()
    await page.getByText('Row 2:').waitFor()
    await make('Nothing', { name: 'bad.jsonl', text: 'no JSON at all\n' })
    await page.getByRole('alert').getByText('Row 1 of the file').waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Nothing')
    const records = [
      { id: 'r1', fields: { prompt: 'p', 'response-1': 'x', 'response-2': 'y' }, responses: {} },
    ]
    await make('From Argilla', { name: 'records.json', text: JSON.stringify(records) })
    await page.getByRole('heading', { name: 'From Argilla' }).waitFor()

    const view = { left: 0, right: 1, bottom: 0, top: 1 }
    const clip = (id: string) => ({
      id,
      framesPerSecond: 10,
      frames: [{ view, background: '#fff', figures: [] }],
    })
    const line = (clips: unknown) => `${JSON.stringify({ clips })}\n`
    await make('Bad clips', { name: 'clips.jsonl', text: line([clip('a')]) }, 'Compare two clips')
    await page
      .getByRole('alert')
      .getByText('Line 1 of the file: expected "clips" with two clips, found 1')
      .waitFor()
    await make('Clips', { name: 'clips.jsonl', text: line([clip('a'), clip('b')]) }, 'Compare two clips')
    await page.getByRole('heading', { name: 'Clips' }).waitFor()
    await page.getByRole('link', { name: 'Label' }).click()
    await page.locator('canvas').nth(1).waitFor()
  })

  test('a changed protocol is a new version that keeps the ids of its rules', async () => {
    const rules = ['Be polite', 'Be brief'].map((text, i) => ({ id: `own-${i}`, text }))
    const { id } = await admin.post<{ id: string }>('/api/projects', {
      name: 'Rules',
      description: '',
      protocol: { version: '1', kind: 'rule-check', rules },
    })
    await open(`/projects/${id}/protocol`)
    await page.getByRole('textbox', { name: 'Rules' }).fill('Be brief\nBe true\nBe polite')
    await page.getByRole('button', { name: 'Save as version 2' }).click()
    await page.getByRole('button', { name: 'Save as version 3' }).waitFor()
    const { protocol } = await admin.get<{ protocol: Loose }>(`/api/projects/${id}`)
    expect(protocol).toMatchObject({
      version: '2',
      rules: [{ id: 'own-1' }, { id: 'rule-1', text: 'Be true' }, { id: 'own-0' }],
    })
  })

  test('a run shows before and after, monitors, curves beside another run’s, samples over time and rewards', async () => {
    await open('/runs/round-1')
    await page.getByRole('heading', { name: 'Before and after' }).waitFor()
    await page.getByText('100 %').first().waitFor()
    const monitors = page.locator('.monitors')
    await monitors.getByRole('row', { name: 'Length, tokens 10 12' }).waitFor()
    await monitors.getByRole('row', { name: 'Distinct word pairs 90 % 70 %' }).waitFor()
    await page.locator('.line path').first().waitFor()
    const lines = () => page.locator('.chart').first().locator('g.line').count()
    expect(await lines()).toBe(1)
    await page.getByText('Compare runs').click()
    await page.getByLabel('round-2').check()
    await page.locator('.legend', { hasText: 'round-2' }).waitFor()
    await page.waitForFunction(
      () => document.querySelectorAll('.chart')[0]!.querySelectorAll('g.line').length === 2,
    )
    await page.getByText('as written at step 20, number 3').waitFor()
    const picker = page.locator('.step-picker input')
    await picker.focus()
    await page.keyboard.press('Home')
    await page.getByText('as written at step 1, number 3').waitFor()
    await page.getByRole('img', { name: /^Rewards at this step: mean 1.6, from 0.1 to 3.1/ }).waitFor()
    await page.keyboard.press('ArrowRight')
    await page.getByText('the outline is where it started').waitFor()
    await page.getByRole('button', { name: 'Numbers' }).first().click()
    await page.getByRole('columnheader', { name: 'round-2' }).waitFor()
    expect(await inspect(page)).toEqual([])
    await page.getByLabel('Reward model').check()
    await page.getByRole('img', { name: 'Calibration over 4 bins, expected error 0.08' }).waitFor()
    await page.getByText('40 held-out pairs').waitFor()
    expect(await inspect(page)).toEqual([])
  })

  test('the list of runs says what each has won', async () => {
    await open('/runs')
    await page.getByText('reward 1.50 → 2.50').first().waitFor()
    expect(await inspect(page)).toEqual([])
  })
})
