/**
 * Pictures of the studio's pages for the documentation: starts `attune studio` in a folder of its own, fills it through
 * the API as two people would, trains two rounds, and takes each page in light and dark, on a desk and on a phone. Needs
 * Chromium. With a folder the work stays there, and the next call with it only takes the pictures, those named after it.
 *
 *     node --conditions=source --import tsx scripts/studio-screenshots.ts [folder] [picture …]
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { makeEnvironment } from '@attune/control'
import type { Browser, Page } from 'playwright-core'
import {
  buildStudio,
  openBrowser,
  type Person,
  person,
  type Studio,
  startStudio,
} from '../packages/studio/test/studio-server.ts'
import { formProjects } from './studio-form-projects.ts'

const [home, ...wanted] = process.argv.slice(2)
/** Where the pictures go, and which windows are looked at: all of them to judge the pages, the first ones for the documentation. */
const folder = process.env.PICTURES ?? 'docs/images'
const everyLook = process.env.LOOKS?.split(',') as Look[] | undefined
const mostBytes = 200_000
const hopeful = /peace|free|hope|good|great|strong|help|secur|prosper|work|progress|right|better/gi

const windows = {
  light: { width: 1280, height: 860 },
  dark: { width: 1280, height: 860 },
  phone: { width: 390, height: 780 },
  narrow: { width: 320, height: 640 },
}
type Look = keyof typeof windows

interface Picture {
  readonly name: string
  readonly path: string
  readonly height?: number
  readonly looks?: readonly Look[]
  /** What is done on the page before it is taken. */
  readonly before?: (page: Page) => Promise<void>
}

const run = 'which-continuation-is-more-hopeful-1'
const all = ['light', 'dark', 'phone'] as const
/** Ids of the projects about one form each. */
const ids = new Map([['sample', 'sample']])
const label = (kind: string) => `/projects/{${kind}}/label`
const pictures: readonly Picture[] = [
  { name: 'projects', path: '/', looks: ['light', 'phone'] },
  { name: 'label', path: label('sample'), looks: all },
  { name: 'ranking', path: label('ranking'), before: rank },
  { name: 'rating', path: label('rating'), before: (page) => page.keyboard.type('53') },
  { name: 'rules', path: label('rules'), before: breakRule },
  { name: 'rewrite', path: label('rewrite'), before: rewrite },
  { name: 'clips', path: label('clips'), looks: ['light', 'phone'] },
  { name: 'project', path: '/projects/sample', looks: ['light', 'dark'] },
  { name: 'agreement', path: '/projects/sample/agreement', height: 1120 },
  { name: 'export', path: '/projects/sample/export' },
  { name: 'order', path: '/projects/sample/order' },
  { name: 'known', path: '/projects/sample/known' },
  { name: 'protocol', path: '/projects/sample/protocol' },
  { name: 'people', path: '/projects/sample/people' },
  { name: 'new', path: '/projects/new' },
  { name: 'runs', path: '/runs' },
  { name: 'run', path: `/runs/${run}`, height: 1240, looks: ['light', 'phone'] },
  { name: 'curves', path: `/runs/${run}`, height: 1100, looks: ['dark'], before: curves },
  { name: 'new-run', path: '/runs/new', before: chooseRecipe },
  { name: 'chat', path: '/chat?model=sotu-4m', before: talk },
  { name: 'samples', path: '/chat?model=sotu-4m', looks: ['light'], before: samples },
  { name: 'arena', path: '/arena', height: 1160, looks: ['light', 'dark'], before: compare },
  { name: 'models', path: '/models' },
  { name: 'settings', path: '/settings' },
  { name: 'keyboard', path: label('sample'), before: (page) => page.keyboard.press('?') },
]

interface Claimed {
  readonly empty?: true
  readonly lease: { readonly id: string }
  readonly item: { readonly completions: readonly { readonly text: string }[] }
}

/** Judges until nothing is left: more hopeful words are better, and one in `slips` is a slip. */
async function judge({ post }: Person, slips: number, most: number): Promise<void> {
  for (let i = 1; i <= most; i++) {
    const task = await post<Claimed>('/api/projects/sample/claim')
    if (task.empty) return
    const [a = 0, b = 0] = task.item.completions.map(({ text }) => text.match(hopeful)?.length ?? 0)
    const better = a === b ? ((i % 2) as 0 | 1) : a > b ? 0 : 1
    const preferred = i % slips === 0 ? 1 - better : better
    await post('/api/projects/sample/judgments', {
      key: `picture-${task.lease.id}`,
      lease: task.lease.id,
      judgment: { kind: 'comparison', preferred, strength: 2 },
      durationSeconds: 4 + ((i * 7) % 11),
    })
  }
}

async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 1000))
}

/** Two people, their labels, one round of training, and votes in the arena. */
async function fill(studio: Studio, browser: Browser): Promise<void> {
  const you = await person(studio, (await browser.newContext()).request)
  const names = async () =>
    new Map(
      (await you.get<{ items: { id: string; name: string }[] }>('/api/projects')).items.map((project) => [
        project.name,
        project.id,
      ]),
    )
  const known = await names()
  const forms = formProjects(await makeEnvironment('Hopper-v5'))
  for (const { key: _, items, ...project } of forms)
    if (!known.has(project.name)) {
      const { id } = await you.post<{ id: string }>('/api/projects', project)
      await you.post(`/api/projects/${id}/items`, { items })
    }
  const made = await names()
  for (const { key, name } of forms) ids.set(key, made.get(name)!)
  const { items: runs } = await you.get<{ items: { name: string }[] }>('/api/runs')
  if (runs.some(({ name }) => name === run)) return
  await until(async () => {
    const { items } = await you.get<{ items: { id: string; sampling?: { state: string } }[] }>(
      '/api/projects',
    )
    return items.find(({ id }) => id === 'sample')?.sampling?.state !== 'running'
  })
  for (const name of ['Grace', 'Alan']) await you.post('/api/people', { name, role: 'annotator' })
  const grace = await person(studio, (await browser.newContext()).request, 'Grace')
  const alan = await person(studio, (await browser.newContext()).request, 'Alan')
  await judge(grace, 9, 30)
  await judge(alan, 5, 26)
  await judge(you, 7, 8)
  await you.post('/api/loop', { project: 'sample', name: run, steps: 12 })
  await until(async () => (await you.get<{ state: string }>(`/api/runs/${run}`)).state !== 'running')
  for (let i = 0; i < 8; i++) {
    const round = await you.post<{ id: string }>('/api/arena/round', { prompt: 'The people of this country' })
    await you.post(`/api/arena/${round.id}/vote`, {
      preferred: i % 4 === 3 ? 'tie' : i % 2,
      key: `vote-${round.id}`,
    })
  }
}

async function curves(page: Page): Promise<void> {
  const heading = page.getByRole('heading', { name: 'PPO' })
  await heading.waitFor()
  await heading.evaluate((element) => element.scrollIntoView({ block: 'start' }))
}

async function talk(page: Page): Promise<void> {
  for (const text of ['The people of this country', ' In the coming year we will']) {
    await page.getByLabel('Your message').fill(text)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Begin anew' }).waitFor()
  }
}

async function compare(page: Page): Promise<void> {
  await page.getByLabel('Prompt').fill('The nations of the world')
  await page.getByRole('button', { name: 'Ask both' }).click()
  await page.getByRole('button', { name: 'A is better' }).click()
  await page.locator('.reveal').first().waitFor()
}

async function samples(page: Page): Promise<void> {
  await page.getByLabel('Compare samples').check()
  await page.getByLabel('Prompt', { exact: true }).fill('The people of this country')
  await page.getByRole('button', { name: 'Sample', exact: true }).click()
  await page.locator('.scored li').first().waitFor()
}

async function chooseRecipe(page: Page): Promise<void> {
  await page.locator('.recipes button').first().click()
}

async function rank(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Drag C' }).focus()
  await page.keyboard.press('2')
  await page.getByLabel('as good as the next').nth(1).check()
}

async function breakRule(page: Page): Promise<void> {
  const rule = page.getByRole('group', { name: 'Gives no dose' })
  await page.getByRole('group', { name: 'Says nothing false' }).getByLabel('Kept').check()
  await rule.getByLabel('Broken').check()
  await rule.getByRole('textbox', { name: 'Where?' }).focus()
  await page.keyboard.press('Control+Home')
  for (let i = 0; i < 31; i++) await page.keyboard.press('Shift+ArrowRight')
}

async function rewrite(page: Page): Promise<void> {
  const field = page.locator('textarea.writing')
  await field.fill('Water boils at 100 °C at sea level, and at a lower temperature on a mountain.')
  await field.blur()
  await page.getByRole('button', { name: 'Differences' }).click()
}

/** One picture as WebP, which the browser itself encodes; a file that is too large for the repository is an error. */
async function take(browser: Browser, studio: Studio, picture: Picture, look: Look): Promise<void> {
  const { name, path, height, before } = picture
  const window = windows[look]
  const viewport = { ...window, height: window.width > 1000 ? (height ?? window.height) : window.height }
  const page = await browser.newPage({ viewport, colorScheme: look === 'dark' ? 'dark' : 'light' })
  await page.goto(studio.url + path.replace(/\{(.*)\}/, (_, key: string) => ids.get(key)!))
  await page.locator('h1').first().waitFor()
  await page.locator('main [role=status]', { hasText: 'Loading' }).waitFor({ state: 'detached' })
  await before?.(page)
  await page.waitForTimeout(1200)
  const bytes = await asWebp(browser, await page.screenshot())
  await page.close()
  const file = `${folder}/studio-${name}-${look}.webp`
  await writeFile(file, bytes)
  if (bytes.length > mostBytes)
    throw new Error(`${file} has ${bytes.length} bytes, at most ${mostBytes} are allowed`)
  console.error(`${file} ${Math.round(bytes.length / 1000)} kB`)
}

async function asWebp(browser: Browser, png: Buffer): Promise<Buffer> {
  const page = await browser.newPage()
  const address = `data:image/png;base64,${png.toString('base64')}`
  const data = (await page.evaluate(`(async () => {
    const picture = await createImageBitmap(await (await fetch('${address}')).blob())
    const canvas = Object.assign(document.createElement('canvas'), { width: picture.width, height: picture.height })
    canvas.getContext('2d').drawImage(picture, 0, 0)
    return canvas.toDataURL('image/webp', 0.9)
  })()`)) as string
  await page.close()
  return Buffer.from(data.split(',')[1]!, 'base64')
}

await mkdir(folder, { recursive: true })
await buildStudio()
const [studio, browser] = await Promise.all([startStudio({ sample: true, home }), openBrowser()])
try {
  await fill(studio, browser)
  for (const picture of pictures)
    if (wanted.length === 0 || wanted.includes(picture.name))
      for (const look of everyLook ?? picture.looks ?? ['light']) await take(browser, studio, picture, look)
} finally {
  await browser.close()
  await studio.stop()
}
