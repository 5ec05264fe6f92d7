import { spawn } from 'node:child_process'
import { access, mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { processStart } from '@attune/feedback/store'
import { writeFileAtomic } from '@attune/lm'
import type { Events } from '../events.ts'
import { ApiError, notFound } from '../http/api-error.ts'
import {
  logFile,
  type RunRecord,
  type RunView,
  readJson,
  readRun,
  recordFile,
  runNames,
  runProcess,
} from './folder.ts'

/** What a run starts from. */
export interface RunOrder {
  readonly name: string
  /** YAML whose `name` is the run's. */
  readonly recipe: string
  readonly overrides: readonly string[]
  /** Files written into the run's folder before it starts. */
  readonly files?: Readonly<Record<string, string>>
  readonly project?: string
  readonly nextItems?: number
}

/** Runs: processes of their own, found again by what lies in their folders. */
export interface Runs {
  readonly list: () => Promise<RunView[]>
  /** Throws `not-found`. */
  readonly get: (name: string) => Promise<RunView>
  readonly recipe: (name: string) => Promise<string | null>
  /** Throws `conflict` when there is a run of this name. */
  readonly start: (order: RunOrder) => Promise<RunView>
  readonly stop: (name: string) => Promise<RunView>
  readonly resume: (name: string) => Promise<RunView>
  readonly record: (name: string) => Promise<RunRecord | null>
  readonly update: (name: string, change: Partial<RunRecord>) => Promise<void>
  /** The folder of runs. */
  readonly folder: string
}

export interface RunsOptions {
  /** Where recipes' paths count from; `runs/` lies in it. */
  readonly folder: string
  /** Program and arguments of `attune`. */
  readonly attune: readonly string[]
  readonly events: Events
}

/** Runs in `runs/` of a folder. */
export function runs({ folder, attune, events }: RunsOptions): Runs {
  const root = join(folder, 'runs')
  const get = async (name: string) => {
    const run = await readRun(root, name)
    if (!run) throw notFound(`the run '${name}'`)
    return run
  }
  const record = async (name: string) => (await readJson(join(root, name, recordFile))) as RunRecord | null
  const save = (name: string, value: RunRecord) =>
    writeFileAtomic(join(root, name, recordFile), [JSON.stringify(value)])

  /** Starts the process, detached so that it outlives this one; its words go to log.txt. */
  const launch = async (name: string, args: readonly string[], about: Omit<RunRecord, 'pid' | 'started'>) => {
    const log = await open(join(root, name, logFile), 'a')
    const [program, ...before] = attune
    try {
      const child = spawn(program!, [...before, 'run', ...args, '--runs', 'runs'], {
        cwd: folder,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      })
      await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
      child.once('exit', () => events.publish({ type: 'run', name }))
      child.unref()
      await save(name, { ...about, pid: child.pid!, started: (await processStart(child.pid!)) ?? 'gone' })
    } finally {
      await log.close()
    }
    events.publish({ type: 'run', name })
    return get(name)
  }

  return {
    folder: root,
    get,
    record,
    update: async (name, change) => {
      const before = await record(name)
      if (before) await save(name, { ...before, ...change })
    },
    list: async () => {
      const all = await Promise.all((await runNames(root)).map((name) => readRun(root, name)))
      return all.filter((run) => run !== null).sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    },
    recipe: (name) => recipeText(join(root, name)),
    start: async ({ name, recipe, overrides, files = {}, project, nextItems = 0 }) => {
      await newFolder(root, name)
      for (const [file, text] of Object.entries({ ...files, 'started.yaml': recipe }))
        await writeFileAtomic(join(root, name, file), [text])
      return launch(name, [join('runs', name, 'started.yaml'), ...sets(overrides)], {
        createdAt: new Date().toISOString(),
        overrides,
        project,
        ...(nextItems > 0 ? { next: { items: nextItems, sampled: false } } : {}),
      })
    },
    stop: async (name) => {
      const before = await get(name)
      const pid = await runProcess(root, name)
      if (pid === null) return before
      process.kill(pid, 'SIGTERM')
      for (let i = 0; i < 20 && (await runProcess(root, name)) !== null; i++) await wait(50)
      return get(name)
    },
    resume: async (name) => {
      if ((await get(name)).state === 'running')
        throw new ApiError(409, 'conflict', `the run '${name}' is running already`)
      const kept = join('runs', name, 'recipe.yaml')
      const begun = await access(join(folder, kept)).then(
        () => true,
        () => false,
      )
      const before = await record(name)
      const recipe = begun ? [kept] : [join('runs', name, 'started.yaml'), ...sets(before?.overrides ?? [])]
      return launch(name, [...recipe, '--resume'], { createdAt: new Date().toISOString(), ...before })
    },
  }
}

const sets = (overrides: readonly string[]) => overrides.flatMap((override) => ['--set', override])

async function newFolder(root: string, name: string): Promise<void> {
  await mkdir(root, { recursive: true })
  await mkdir(join(root, name)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause
    throw new ApiError(409, 'conflict', `there is a run named '${name}' already; choose another name`, {
      field: 'body.name',
    })
  })
}

/** The recipe as it was run, or as it was asked for; null when there is none. */
async function recipeText(folder: string): Promise<string | null> {
  const read = (file: string) => readFile(join(folder, file), 'utf8').catch(() => null)
  return (await read('recipe.yaml')) ?? (await read('started.yaml'))
}
