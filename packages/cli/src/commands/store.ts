import { createWriteStream } from 'node:fs'
import { access, rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  argillaItems,
  argillaJudgments,
  argillaRecords,
  csvLines,
  eventLines,
  eventsFromLines,
  type FeedbackStore,
  type ImportContext,
  isConversational,
  type Judgment,
  labelStudioItems,
  labelStudioJudgments,
  labelStudioSkips,
  labelStudioTasks,
  leftOut,
  type Project,
  StoreError,
  type TrlOptions,
  trlFormats,
} from '@attune/feedback'
import {
  fileLines,
  type Imported,
  importInto,
  openStore,
  parquetChunks,
  rebuildFromJournal,
  rebuildPostgres,
  storeDigest,
} from '@attune/feedback/store'
import { UserError } from '../errors.ts'
import { readTextFile } from '../run/jsonl.ts'

type Piece = string | Uint8Array

type Write = (judgments: AsyncIterable<Judgment>, options: TrlOptions) => AsyncIterable<Piece>

/** Formats of one project's judgments. */
const formats: Readonly<Record<string, Write>> = {
  ...Object.fromEntries(
    Object.entries(trlFormats).map(([name, rows]): [string, Write] => [
      name,
      (judgments, options) => eventLines(rows(judgments, options)),
    ]),
  ),
  judgments: (judgments) => eventLines(judgments),
  csv: (judgments) => csvLines(judgments),
  parquet: (judgments) => parquetChunks(judgments),
  argilla: (judgments) => json(argillaRecords(judgments)),
  'label-studio': (judgments) => json(labelStudioTasks(judgments)),
}

async function* json(value: Promise<unknown>): AsyncGenerator<string> {
  yield `${JSON.stringify(await value, null, 1)}\n`
}

/** Throws when the file or folder of a store is not there: opening it would make an empty one. */
async function requireStore(address: string): Promise<void> {
  const [, path] = /^(?:sqlite|jsonl):(.+)$/s.exec(address) ?? []
  if (path)
    await access(path).catch(() => {
      throw new UserError(`there is no store ${address}: ${path} is not there`)
    })
}

/** Runs with an open store and closes it; its errors are the user's. */
async function withStore<T>(address: string, task: (store: FeedbackStore) => Promise<T>): Promise<T> {
  try {
    const store = await openStore(address)
    try {
      return await task(store)
    } finally {
      await store.close()
    }
  } catch (cause) {
    throw cause instanceof StoreError || cause instanceof RangeError ? new UserError(cause.message) : cause
  }
}

/** Copies one store into another and compares counts and hashes of both. */
export async function storeMove(from: string, to: string): Promise<void> {
  await requireStore(from)
  await withStore(from, (source) =>
    withStore(to, async (target) => {
      const restored = await target.restore(source.events())
      const [ours, theirs] = [await storeDigest(source), await storeDigest(target)]
      if (ours.hash !== theirs.hash) {
        throw new UserError(
          `${to} has ${JSON.stringify(theirs.counts)} and is not equal to ${from} with ${JSON.stringify(ours.counts)}; was there something else in it before? Nothing of ${from} was changed`,
        )
      }
      process.stdout.write(
        `${restored} entries copied; both stores have ${JSON.stringify(ours.counts)}, hash ${ours.hash.slice(0, 16)}\n`,
      )
    }),
  )
}

/** Makes a database again from its journal; PostgreSQL's is a file of its own. */
export async function storeRebuild(address: string, { journal }: { journal?: string } = {}): Promise<void> {
  const [, path] = /^sqlite:(.+)$/.exec(address) ?? []
  const isPostgres = /^postgres(ql)?:/.test(address)
  if (!path && !isPostgres) {
    throw new UserError(
      `'${address}' has no journal to rebuild from; expected sqlite:<file>, or postgres://… with --journal`,
    )
  }
  if (!path && journal === undefined)
    throw new UserError('give --journal, the file of the journal: <data>/attune.journal.jsonl of a server')
  const rebuilt = path ? rebuildFromJournal(path) : rebuildPostgres(address, journal!)
  const events = await rebuilt.catch((cause: Error) => {
    throw new UserError(cause.message)
  })
  const old = path ? `database is ${path}.old` : 'tables are in the schema attune_old'
  process.stdout.write(`${events} entries of the journal replayed; the old ${old}\n`)
}

/** Writes a whole store as JSON Lines, or one project's judgments in another format, under a temporary name until whole. */
export async function storeExport(
  address: string,
  { format, project, output }: { format: string; project?: string; output: string },
): Promise<void> {
  await requireStore(address)
  await withStore(address, async (store) => {
    const pieces = format === 'jsonl' ? eventLines(store.events()) : await judgmentsAs(store, format, project)
    const draft = `${output}.part`
    try {
      await pipeline(Readable.from(pieces), createWriteStream(draft, { flush: true }))
      await rename(draft, output)
    } catch (cause) {
      await rm(draft, { force: true })
      throw cause instanceof StoreError ? cause : new UserError(`${output}: ${(cause as Error).message}`)
    }
  })
}

async function judgmentsAs(
  store: FeedbackStore,
  format: string,
  project?: string,
): Promise<AsyncIterable<Piece>> {
  const write = formats[format]
  if (!write) {
    throw new UserError(`--format is '${format}', expected jsonl, ${Object.keys(formats).join(', ')}`)
  }
  const id = project ?? (await onlyProject(store))
  if (format === 'argilla' || format === 'label-studio') {
    const missing = Object.entries(await leftOut(store.judgments(id)))
    const kinds = missing.map(([kind, count]) => `${count} ${kind}`).join(', ')
    if (kinds) process.stderr.write(`left out, for ${format} has no place for them: ${kinds}\n`)
  }
  const conversational = format.startsWith('trl-') && (await isConversational(store.judgments(id)))
  return write(store.judgments(id), { conversational })
}

async function onlyProject(store: FeedbackStore): Promise<string> {
  const [first, ...rest] = await store.projects.list()
  if (first && rest.length === 0) return first.id
  const names = first ? [first, ...rest].map(({ id, name }) => `${id} (${name})`).join(', ') : 'none'
  throw new UserError(`give --project; the store has ${names}`)
}

/** Reads a lossless export, or Argilla's or Label Studio's JSON into a project, which is made when it is new. */
export async function storeImport(
  address: string,
  { format, project, input }: { format: string; project?: string; input: string },
): Promise<void> {
  await withStore(address, async (store) => {
    if (format === 'jsonl') {
      process.stdout.write(`${await store.restore(eventsFromLines(fileLines(input)))} entries are new\n`)
      return
    }
    if (format !== 'argilla' && format !== 'label-studio')
      throw new UserError(`--format is '${format}', expected jsonl, argilla or label-studio`)
    if (project === undefined) throw new UserError('give --project, the id of the project to import into')
    const imported = read(format, jsonArray(await readTextFile(input), input), project)
    const target =
      (await store.projects.get(project)) ?? (await projectFor(store, project, imported.judgments))
    const { items, judgments, problems } = await importInto(store, target, imported)
    for (const { row, message } of problems) process.stderr.write(`${input}, row ${row}: ${message}\n`)
    process.stdout.write(`${items} items and ${judgments} judgments are new in project '${project}'\n`)
  })
}

function jsonArray(text: string, path: string): never[] {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value)) return value as never[]
  } catch (cause) {
    throw new UserError(`${path}: ${(cause as Error).message}`)
  }
  throw new UserError(`${path}: expected a JSON array`)
}

function read(format: 'argilla' | 'label-studio', rows: never[], project: string): Imported {
  const context: ImportContext = { project, protocol: 'imported', time: new Date().toISOString() }
  const [items, judgments, problems] =
    format === 'argilla'
      ? [argillaItems(rows), argillaJudgments(rows, context), []]
      : [labelStudioItems(rows), labelStudioJudgments(rows, context), labelStudioSkips(rows)]
  return { items: items.map((item, i) => ({ row: i + 1, item })), judgments, problems }
}

/** A project that asks for what the first of some judgments answers, as often as an item has been judged. */
function projectFor(store: FeedbackStore, id: string, judgments: readonly Judgment[]): Promise<Project> {
  const kind = judgments[0]?.kind ?? 'comparison'
  const overlap = Math.max(1, ...countsByItem(judgments).values())
  const protocol = { kind: kind as 'comparison', overlap, version: 'imported' }
  return store.projects.create({ id, name: id, protocol })
}

function countsByItem(judgments: readonly Judgment[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { item } of judgments) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}
