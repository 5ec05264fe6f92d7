import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { readJson, writeFileAtomic } from '@attune/lm'

const file = 'environment.json'

/** Keeps this machine in a run's folder, as its report shows it: name → value. */
export async function noteEnvironment(
  folder: string,
  { threads }: { threads?: number | undefined },
): Promise<void> {
  const environment = {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    threads: String(threads ?? availableParallelism()),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
  }
  await writeFileAtomic(join(folder, file), [JSON.stringify(environment)])
}

/** The machine that worked on a run last; undefined where the run has noted none. */
export async function readEnvironment(folder: string): Promise<Record<string, string> | undefined> {
  return (await readJson(join(folder, file)).catch(() => undefined)) as Record<string, string> | undefined
}
