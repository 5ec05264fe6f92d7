import type { AddressInfo } from 'node:net'
import { createServer, connect as dial, type Socket } from 'node:net'
import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe-core finds on the page as it stands, each with where. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    const { violations } = await axe.run(document, { runOnly: { type: 'tag', values: tags } })
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ target, failureSummary }) => `${target} ${failureSummary}`)
          .join(' | ')
          .slice(0, 400)}`,
    )
  })
}

/** By how many pixels the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
}

/** What is wrong with a page as it stands: axe in light on a desk, in dark at 320 pixels, and what scrolls sideways there. */
export async function inspect(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  const found = (await violations(page)).map((text) => `light: ${text}`)
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  await page.setViewportSize({ width: 320, height: 640 })
  found.push(...(await violations(page)).map((text) => `dark, narrow: ${text}`))
  const over = await overflow(page)
  if (over > 0) found.push(`${over} pixels too wide`)
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' })
  return found
}

/** Waits until the task in front takes answers: what is pressed at once is no answer to it. */
export async function seen(page: Page): Promise<void> {
  await page.waitForTimeout(300)
}

/** Presses Tab until the focus is on what has this name; each stop on the way must show that it has the focus. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const stops: string[] = []
  for (let i = 0; i < 90; i++) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement
      const control = element as HTMLInputElement
      const label = control.labels?.[0]?.textContent
      const shown = (other: Element | null) =>
        other !== null &&
        [undefined, '::after'].some((part) => {
          const { outlineStyle, boxShadow } = getComputedStyle(other, part)
          return outlineStyle !== 'none' || boxShadow !== 'none'
        })
      return {
        name: (element.getAttribute('aria-label') ?? label ?? element.textContent ?? '').trim(),
        visible:
          element === document.body ||
          shown(element) ||
          shown(element.nextElementSibling) ||
          shown(element.closest('.composer, .drop, .card')),
      }
    })
    if (!stop.visible) throw new Error(`nobody sees that the focus is on ${stop.name}`)
    if (typeof name === 'string' ? stop.name === name : name.test(stop.name)) return
    stops.push(stop.name)
  }
  throw new Error(`Tab never reaches ${name}; it stops at ${stops.join(' · ')}`)
}

/** A line to a server that can be cut, at once or when the answer to a request comes back. */
export interface Line {
  readonly url: string
  /** From now on nothing comes through. */
  readonly cut: () => void
  /** The next request that begins with this reaches the server, but its answer is lost, and everything after it. */
  readonly cutAfter: (request: string) => Promise<void>
  readonly mend: () => void
  readonly close: () => Promise<void>
}

/** A line to the server at `url`, over a port of its own. */
export async function lineTo(url: string): Promise<Line> {
  const { port } = new URL(url)
  const sockets = new Set<Socket>()
  let open = true
  let trap: { readonly request: string; readonly sprung: () => void } | null = null
  const cut = () => {
    open = false
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((near) => {
    if (!open) return near.destroy()
    const far = dial(Number(port), '127.0.0.1')
    let doomed: (() => void) | null = null
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (data) => {
      if (trap && data.toString('latin1').startsWith(trap.request)) {
        doomed = trap.sprung
        trap = null
      }
      far.write(data)
    })
    far.on('data', (data) => {
      if (!doomed) return void near.write(data)
      cut()
      doomed()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    cutAfter: (request) =>
      new Promise((resolve) => {
        trap = { request, sprung: resolve }
      }),
    mend: () => {
      open = true
    },
    close: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
