/**
 * Pictures of the studio's pages for the documentation: starts `attune studio` in a folder of its own, fills it through
 * the API as two people would, trains one round, and takes each page in light and dark. Needs Chromium.
 *
 *     node --conditions=source --import tsx scripts/studio-screenshots.ts
 */
import { mkdir, stat } from 'node:fs/promises'
import type { APIRequestContext, Browser, Page } from 'playwright-core'
import { buildStudio, openBrowser, type Studio, startStudio } from '../packages/studio/test/studio-server.ts'

const folder = 'docs/images'
const mostBytes = 200_000
const desktop = { width: 1280, height: 860 }
const phone = { width: 390, height: 780 }
const hopeful = /peace|free|hope|good|great|strong|help|secur|prosper|work|progress|right|better/gi

interface Picture {
  readonly name: string
  readonly path: string
  readonly size?: { readonly width: number; readonly height: number }
  /** What is done on the page before it is taken. */
  readonly before?: (page: Page) => Promise<void>
}

const run = 'which-continuation-is-more-hopeful-1'
const pictures: readonly Picture[] = [
  { name: 'projects', path: '/' },
  { name: 'label', path: '/projects/sample/label' },
  { name: 'project', path: '/projects/sample' },
  { name: 'agreement', path: '/projects/sample/agreement' },
  { name: 'new', path: '/projects/new' },
  { name: 'runs', path: '/runs' },
  { name: 'run', path: `/runs/${run}`, size: { width: 1280, height: 1240 } },
  { name: 'curves', path: `/runs/${run}`, size: { width: 1280, height: 1100 }, before: curves },
  { name: 'chat', path: '/chat?model=sotu-4m', before: talk },
  { name: 'arena', path: '/arena', before: compare },
  { name: 'models', path: '/models' },
  { name: 'keyboard', path: '/projects/sample/label', before: (page) => page.keyboard.press('?') },
]

/** Calls the API as one person. */
interface Person {
  readonly get: <Answer>(path: string) => Promise<Answer>
  readonly post: <Answer>(path: string, data?: object) => Promise<Answer>
}

async function person({ url }: Studio, request: APIRequestContext, name?: string): Promise<Person> {
  const session = await (await request.get(`${url}/api/session`)).json()
  let { csrf } = session as { csrf: string }
  const post = async <Answer>(path: string, data: object = {}) => {
    const answer = await request.post(url + path, { data, headers: { 'x-attune-csrf': csrf, origin: url } })
    if (!answer.ok()) throw new Error(`POST ${path}: ${await answer.text()}`)
    return (await answer.json()) as Answer
  }
  if (name) csrf = (await post<{ csrf: string }>('/api/login', { name })).csrf
  return { post, get: async (path) => (await request.get(url + path)).json() }
}

interface Claimed {
  readonly empty?: true
  readonly lease: { readonly id: string }
  readonly item: { readonly completions: readonly { readonly text: string }[] }
}

/** Judges until nothing is left: more hopeful words are better, and one in `slips` is a slip. */
async function label({ post }: Person, slips: number, most: number): Promise<void> {
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
  await until(async () => {
    const { items } = await you.get<{ items: { sampling?: { state: string } }[] }>('/api/projects')
    return items[0]?.sampling?.state === 'done'
  })
  for (const name of ['Grace', 'Alan']) await you.post('/api/people', { name, role: 'annotator' })
  const grace = await person(studio, (await browser.newContext()).request, 'Grace')
  const alan = await person(studio, (await browser.newContext()).request, 'Alan')
  await label(grace, 9, 30)
  await label(alan, 5, 26)
  await label(you, 7, 8)
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

/** One picture; a file that is too large for the repository is an error. */
async function take(
  browser: Browser,
  studio: Studio,
  picture: Picture,
  look: 'light' | 'dark' | 'phone',
): Promise<void> {
  const { name, path, size, before } = picture
  const viewport = look === 'phone' ? phone : (size ?? desktop)
  const page = await browser.newPage({ viewport, colorScheme: look === 'dark' ? 'dark' : 'light' })
  await page.goto(studio.url + path)
  await page.locator('h1').first().waitFor()
  await before?.(page)
  await page.waitForTimeout(1500)
  const file = `${folder}/studio-${name}-${look}.png`
  await page.screenshot({ path: file })
  await page.close()
  const { size: bytes } = await stat(file)
  if (bytes > mostBytes) throw new Error(`${file} has ${bytes} bytes, at most ${mostBytes} are allowed`)
  console.error(`${file} ${Math.round(bytes / 1000)} kB`)
}

await mkdir(folder, { recursive: true })
await buildStudio()
const [studio, browser] = await Promise.all([startStudio({ sample: true }), openBrowser()])
try {
  await fill(studio, browser)
  for (const picture of pictures)
    for (const look of ['light', 'dark', 'phone'] as const)
      if (look !== 'phone' || ['label', 'run', 'projects', 'arena'].includes(picture.name))
        await take(browser, studio, picture, look)
} finally {
  await browser.close()
  await studio.stop()
}
