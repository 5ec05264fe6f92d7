/** Runs all tests and ends with a line that counts them: `N passed, N failed, N skipped`. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Results {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly unknown[]
  }[]
}

const folder = mkdtempSync(join(tmpdir(), 'attune-test-'))
const output = join(folder, 'results.json')
const vitest = join('node_modules', 'vitest', 'vitest.mjs')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`]
const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
  stdio: 'inherit',
})
const results = JSON.parse(readFileSync(output, 'utf8')) as Results
rmSync(folder, { recursive: true })

const broken = results.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
)
for (const { name, message } of broken) console.log(`${name} could not run: ${message}`)
const failed = results.numFailedTests + broken.length
console.log(`${results.numPassedTests} passed, ${failed} failed, ${results.numPendingTests} skipped`)
process.exitCode = failed > 0 ? 1 : (status ?? 1)
