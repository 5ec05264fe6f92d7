import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { cpu } from '../src/index.ts'
import { browser, runInBrowser } from './browser.ts'
import { type Measured, measure } from './webgpu-programs.ts'

/** Where Chromium keeps its software Vulkan, a driver that needs no GPU. */
const chromium = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'].find((folder) =>
  existsSync(join(folder, 'vk_swiftshader_icd.json')),
)
if (!chromium) console.warn('skipped: WebGPU needs the software Vulkan of an installed Chromium')

/** Runs webgpu-process.ts on that driver; what it printed. */
function onSoftwareVulkan(what: 'programs' | 'primitives'): unknown {
  const runtimeFolder = mkdtempSync(join(tmpdir(), 'attune-webgpu-'))
  const script = fileURLToPath(new URL('./webgpu-process.ts', import.meta.url))
  const options = ['--conditions=source', '--import', 'tsx', script, what]
  const { stdout, stderr, status } = spawnSync(process.execPath, options, {
    encoding: 'utf8',
    env: {
      ...process.env,
      LD_LIBRARY_PATH: chromium,
      VK_ICD_FILENAMES: join(chromium!, 'vk_swiftshader_icd.json'),
      XDG_RUNTIME_DIR: runtimeFolder,
    },
  })
  rmSync(runtimeFolder, { recursive: true })
  expect(status, stderr).toBe(0)
  return JSON.parse(stdout)
}

/** Every loss and gradient agrees to 1e-3 of its largest element. */
function expectClose(found: Record<string, Measured>, expected: Record<string, Measured>): void {
  expect(Object.keys(found)).toEqual(Object.keys(expected))
  for (const [program, { loss, gradients }] of Object.entries(expected)) {
    const other = found[program]!
    expect(Math.abs(other.loss - loss), program).toBeLessThan(1e-3 * Math.abs(loss))
    for (const [name, slope] of Object.entries(gradients)) {
      const scale = Math.max(...slope.map(Math.abs))
      const gaps = slope.map((value, i) => Math.abs(other.gradients[name]![i]! - value) / scale)
      expect(scale, `${program}.${name}`).toBeGreaterThan(1e-6)
      expect(other.gradients[name]).toHaveLength(slope.length)
      expect(Math.max(...gaps), `${program}.${name}`).toBeLessThan(1e-3)
    }
  }
}

describe.skipIf(!chromium)('WebGPU on software Vulkan', () => {
  test("a classifier's and a transformer's loss and gradients are those of the processor", async () => {
    const found = onSoftwareVulkan('programs') as Record<string, Measured>
    expectClose(found, await measure(cpu({ threads: 1 })))
  }, 300_000)

  test('every primitive and its derivative compute what they do on the processor', () => {
    const gaps = Object.entries(onSoftwareVulkan('primitives') as Record<string, number>)
    expect(gaps.length).toBeGreaterThan(50)
    expect(gaps.filter(([, gap]) => !(gap < 1e-3))).toEqual([])
  }, 300_000)
})

if (!browser) console.warn('skipped: WebGPU in a page needs an installed Chromium')

test.skipIf(!browser)(
  "WebGPU in a browser: a classifier's and a transformer's loss and gradients are those of the processor",
  async ({ skip }) => {
    const page = fileURLToPath(new URL('./webgpu-page.ts', import.meta.url))
    const result = (await runInBrowser(page)) as {
      readonly error?: string
      readonly adapter?: boolean
      readonly measured?: Record<string, Measured>
    }
    expect(result.error).toBeUndefined()
    if (!result.adapter) skip('the installed Chromium offers no WebGPU adapter')
    expectClose(result.measured!, await measure(cpu({ threads: 1 })))
  },
  300_000,
)
