/**
 * Speed and memory, as ratios against PyTorch and transformers measured in the same run.
 *   usage: npm run bench -- [--only train|decode|command] [--json file]
 * `bench/peers/setup.sh` makes the Python environment to compare with; without it only our side is measured.
 */
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { hasPeers } from './child.ts'
import { groups, type Row } from './rows.ts'

const { values } = parseArgs({
  options: { json: { type: 'string' }, only: { type: 'string', multiple: true } },
})
const chosen = values.only ?? Object.keys(groups)
const unknown = chosen.find((name) => !(name in groups))
if (unknown) {
  console.error(`--only ${unknown}: there are ${Object.keys(groups).join(', ')}`)
  process.exit(2)
}
if (!hasPeers) console.error('no peer to compare with: bench/peers/setup.sh installs it')
console.error(`${cpus()[0]?.model.trim()}, ${cpus().length} cores`)

const rows: Row[] = []
for (const name of chosen) {
  console.error(`measuring ${name} …`)
  rows.push(...(await groups[name]!()))
}
console.log(table(rows))
if (values.json) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`)

function table(rows: readonly Row[]): string {
  const number = (value: number | null) =>
    value === null ? '–' : value >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
  const cells = [
    ['what', 'ours', 'peer', 'unit', 'ratio', 'limit'],
    ['---', '--:', '--:', '---', '--:', '---'],
    ...rows.map((row) => [
      row.name,
      number(row.ours),
      number(row.peer),
      row.unit,
      number(row.ratio),
      row.limit,
    ]),
  ]
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n')
}
