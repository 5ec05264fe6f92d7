/**
 * Speed and memory on Linux, as ratios against PyTorch and transformers measured in the same run.
 *   usage: npm run bench -- [--only train|decode|command|environments|gpt|smollm2|studio|preferences] [--peers] [--json file]
 *   [--rounds 3] [--workload ppo …] of gpt and smollm2, which take long
 * `--only preferences` trains policies for minutes: [--steps 163840] [--labels 700] [--seed 1 --seed 2 --seed 3]
 * `bench/peers/setup.sh` makes the Python environment to compare with; without it only our side is measured, or with
 * --peers nothing is.
 */
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { hasPeers } from './child.ts'
import { tolerableLoad, watchOthers } from './load.ts'
import { commandRows } from './rows/command.ts'
import { decodingRows } from './rows/decode.ts'
import { environmentRows } from './rows/environments.ts'
import { methodRows } from './rows/methods.ts'
import { preferenceRows } from './rows/preferences.ts'
import type { Row } from './rows/row.ts'
import { studioRows } from './rows/studio.ts'
import { trainingRows } from './rows/train.ts'
import { table } from './table.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', multiple: true },
    peers: { type: 'boolean' },
    rounds: { type: 'string', default: '3' },
    workload: { type: 'string', multiple: true },
    steps: { type: 'string', default: '163840' },
    labels: { type: 'string', default: '700' },
    seed: { type: 'string', multiple: true, default: ['1', '2', '3'] },
  },
})
const methodOptions = { rounds: Number(values.rounds), only: values.workload }
const groups: Readonly<Record<string, () => Promise<Row[]>>> = {
  train: trainingRows,
  decode: decodingRows,
  command: commandRows,
  environments: environmentRows,
  gpt: () => methodRows('gpt', methodOptions),
  smollm2: () => methodRows('smollm2', methodOptions),
  studio: studioRows,
  preferences: () =>
    preferenceRows({
      steps: Number(values.steps),
      labels: Number(values.labels),
      seeds: values.seed.map(Number),
    }),
}

// the real model is not in the repository, and takes a while, as preferences do; the studio needs a machine for itself
const apart = ['smollm2', 'studio', 'preferences']
const chosen = values.only ?? Object.keys(groups).filter((name) => !apart.includes(name))
const unknown = chosen.find((name) => !(name in groups))
if (unknown) fail(`--only ${unknown}: there are ${Object.keys(groups).join(', ')}`)
const missing = 'no peer to compare with: bench/peers/setup.sh installs it'
if (values.peers && !hasPeers) fail(missing)
if (!hasPeers) console.error(missing)
console.error(`${cpus()[0]?.model.trim()}, ${cpus().length} cores`)

const rows: Row[] = []
for (const name of chosen) {
  console.error(`measuring ${name} …`)
  const othersSince = watchOthers()
  rows.push(...(await groups[name]!()))
  const others = othersSince()
  const verdict = others > tolerableLoad ? ': these numbers are of a busy machine, measure again' : ''
  console.error(`other processes used ${others.toFixed(2)} cores meanwhile${verdict}`)
}
console.log(table(rows))
if (values.json) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`)

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}
