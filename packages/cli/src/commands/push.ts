import { readdir, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { commitIter, createRepo, HubApiError } from '@huggingface/hub'
import { UserError } from '../errors.ts'
import { type RepositoryFlags, refusal, repositoryOf } from '../hub/repository.ts'
import { note } from '../view/note.ts'
import { transferView } from '../view/transfer.ts'

/** Flags of `attune push`, as commander gives them. */
export interface PushFlags extends RepositoryFlags {
  readonly private?: boolean
  readonly message?: string
}

/** What is uploaded: of a model what lies in its folder itself, of a dataset all that `attune pull` brings. */
const published = {
  model: /^[^/]+\.(json|safetensors|jinja|txt|model|md|jsonl|csv|parquet|gguf)$|^LICENSE$/,
  dataset: /\.(jsonl|ndjson|json|csv|tsv|parquet)(\.gz)?$|\.(md|txt)$|(^|\/)LICENSE$/,
}

/** Most names of files that are told when they are left out. */
const mostTold = 10

/** Uploads a folder in one commit, into a repository that is made when it is not there, and prints the commit's address. */
export async function pushCommand(folder: string, id: string, flags: PushFlags): Promise<void> {
  const repository = repositoryOf(id, flags)
  const { type, name, revision, hubUrl, accessToken } = repository
  if (accessToken === undefined)
    throw new UserError('pushing needs a token that may write: --token or HF_TOKEN')
  const names = await filesIn(folder)
  const files = names.filter((file) => published[type].test(file))
  const others = shortList(names.filter((file) => !files.includes(file)))
  if (files.length === 0)
    throw new UserError(`${folder}: there is nothing to publish; it has ${others || 'no files'}`)
  if (others) note(`left out: ${others}`)
  const repo = { type, name }
  try {
    await createRepo({ repo, accessToken, hubUrl, private: flags.private ?? false }).catch((cause) => {
      if (!(cause instanceof HubApiError && cause.statusCode === 409)) throw cause // 409: it is there
    })
    const upload = commitIter({
      repo,
      accessToken,
      hubUrl,
      branch: revision,
      title: flags.message ?? 'Upload with attune',
      operations: files.map((file) => ({
        operation: 'addOrUpdate',
        path: file,
        content: pathToFileURL(resolve(join(folder, file))),
      })),
    })
    const view = transferView(name)
    const sent = await progressOf(folder, files)
    for (;;) {
      const { value, done } = await upload.next()
      if (done) {
        view.done()
        process.stdout.write(`${value?.commit.url ?? hubUrl}\n`)
        return
      }
      if (value.event === 'fileProgress' && value.state === 'uploading')
        view.update(...sent(value.path, value.progress))
    }
  } catch (cause) {
    throw refusal(cause, repository)
  }
}

/** Files within a folder, those of its folders too, hidden ones not; with slashes on every system. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw new UserError(`'${folder}' is not a folder`)
  })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !/(^|\/)\./.test(path))
    .sort()
}

function shortList(names: readonly string[]): string {
  const more = names.length - mostTold
  return [...names.slice(0, mostTold), ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

/** Bytes that have been sent of all, when so large a share of a file has. */
async function progressOf(folder: string, files: readonly string[]) {
  const sizes = new Map<string, number>()
  for (const file of files) sizes.set(file, (await stat(join(folder, file))).size)
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  const shares = new Map<string, number>()
  return (path: string, share: number): [present: number, total: number] => {
    shares.set(path, share)
    const present = [...shares].reduce((sum, [file, part]) => sum + part * (sizes.get(file) ?? 0), 0)
    return [present, total]
  }
}
