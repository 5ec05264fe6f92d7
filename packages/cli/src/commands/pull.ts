import { join } from 'node:path'
import { UserError } from '../errors.ts'
import { download } from '../hub/download.ts'
import { atCommit, filesOf, type RemoteFile, type RepositoryFlags, repositoryOf } from '../hub/repository.ts'
import { transferView } from '../view/transfer.ts'

/** Flags of `attune pull`, as commander gives them. */
export interface PullFlags extends RepositoryFlags {
  readonly to?: string
  /** Only these files. */
  readonly file?: readonly string[]
}

/** What a model's folder needs; other formats of the same weights are left where they are. */
const modelFiles = /^[^/]+\.(json|safetensors|jinja|txt|model|md)$/

/** What Attune reads as data. */
const dataFiles = /\.(jsonl|ndjson|json|csv|tsv|parquet)(\.gz)?$|^README\.md$/

/** Downloads a model or a dataset of the hub into a folder, and prints the folder. */
export async function pullCommand(id: string, flags: PullFlags): Promise<void> {
  const repository = await atCommit(repositoryOf(id, flags))
  const folder = flags.to ?? join(flags.dataset ? 'data' : 'models', id.split('/').at(-1)!.toLowerCase())
  const wanted = chosen(await filesOf(repository), flags, id)
  for (const file of wanted) {
    const view = transferView(file.path)
    const fresh = await download(repository, { file, target: join(folder, file.path), onBytes: view.update })
    view.done()
    process.stderr.write(`${file.path}  ${(file.size / 1e6).toFixed(1)} MB${fresh ? '' : ', was there'}\n`)
  }
  process.stdout.write(`${folder}\n`)
}

function chosen(files: readonly RemoteFile[], flags: PullFlags, id: string): RemoteFile[] {
  if (flags.file) {
    return flags.file.map((path) => {
      const found = files.find((file) => file.path === path)
      if (!found)
        throw new UserError(
          `${id} has no file '${path}'; it has ${files.map((file) => file.path).join(', ')}`,
        )
      return found
    })
  }
  const kind = flags.dataset ? dataFiles : modelFiles
  const found = files.filter(({ path }) => kind.test(path))
  const enough = flags.dataset ? found.length > 0 : found.some(({ path }) => path.endsWith('.safetensors'))
  if (!enough) {
    const [what, list] = [flags.dataset ? 'data' : 'safetensors', files.map(({ path }) => path).join(', ')]
    throw new UserError(
      `${id} has no ${what} that Attune reads; it has ${list}. Name what you want with --file`,
    )
  }
  return found
}
