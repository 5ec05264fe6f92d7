import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readJson, writeFileAtomic } from '@attune/lm'
import { UserError } from '../errors.ts'
import { note } from '../view/note.ts'
import { transferView } from '../view/transfer.ts'
import { download } from './download.ts'
import { atCommit, filesOf, type RemoteFile, type Repository, repositoryOf } from './repository.ts'

/** Where what has come from a hub lies, from the working folder. */
const cache = join('data', 'hub')

const tables = /\.(jsonl|ndjson|json|csv|tsv|parquet)(\.gz)?$/

/** Does a recipe's source name a dataset of a hub? */
export function isHubSource(source: string): boolean {
  return source.startsWith('hub:')
}

/**
 * The local files of `hub:<owner>/<name>[@revision][:path]`, downloaded if they are not there yet; `path` is a file, or how the
 * names of several begin (`main/train`, the shards of a split). What has come once is used as it is, without asking the hub
 * again. Throws when the hub cannot be reached or refuses, and when no file or files of several splits fit.
 */
export async function hubFiles(source: string): Promise<string[]> {
  const { repository, path } = parsed(source)
  const folder = join(cache, ...repository.name.split('/'), repository.revision.replaceAll('/', '--'))
  const { commit, files } = await listed(repository, folder)
  const wanted = chosen(files, { source, path })
  const local: string[] = []
  for (const file of wanted) {
    const target = join(folder, file.path)
    const view = transferView(file.path)
    const fresh = await download({ ...repository, revision: commit }, { file, target, onBytes: view.update })
    view.done()
    if (fresh) note(`${source}: ${(file.size / 1e6).toFixed(1)} MB in ${target}`)
    local.push(target)
  }
  return local
}

function parsed(source: string): { repository: Repository; path: string } {
  const [, name, revision, path = ''] =
    /^hub:([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?(?::(.+))?$/.exec(source) ?? []
  if (!name || revision?.includes('..'))
    throw new UserError(
      `'${source}' is not hub:<owner>/<name>[@revision][:path], as hub:openai/gsm8k:main/train`,
    )
  return { repository: repositoryOf(name, { dataset: true, ...(revision ? { revision } : {}) }), path }
}

interface Listing {
  /** Files are brought of it, so that they are those of the list when the branch has moved on. */
  readonly commit: string
  readonly files: readonly RemoteFile[]
}

/** What the hub has of the revision, as it was when it was asked first. */
async function listed(repository: Repository, folder: string): Promise<Listing> {
  const kept = join(folder, 'files.json')
  const known = await readJson(kept).catch(() => undefined)
  if (known?.commit) return known as unknown as Listing
  const pinned = await atCommit(repository)
  const files = (await filesOf(pinned)).filter(({ path }) => tables.test(path))
  const listing: Listing = { commit: pinned.revision, files }
  await mkdir(folder, { recursive: true })
  await writeFileAtomic(kept, [JSON.stringify(listing)])
  return listing
}

function chosen(
  files: readonly RemoteFile[],
  { source, path }: { source: string; path: string },
): readonly RemoteFile[] {
  const exact = files.filter((file) => file.path === path)
  const found = exact.length > 0 ? exact : files.filter((file) => file.path.startsWith(path))
  const splits = new Set(found.map((file) => file.path.replace(/(-\d+-of-\d+)?\.[^/]*$/, '')))
  if (splits.size === 1) return found
  const [problem, list] =
    found.length === 0
      ? ['has no table that is called so', files]
      : [`means ${found.length} tables that are not parts of one`, found]
  throw new UserError(
    `${source}: ${problem}; name a file, or how its parts begin, behind a colon. There are ${list.map((file) => file.path).join(', ') || 'none'}`,
  )
}
