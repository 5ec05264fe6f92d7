import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { commitIter, createRepo, HubApiError } from '@huggingface/hub'
import { UserError } from '../errors.ts'
import { type RepositoryFlags, refusal, repositoryOf } from '../hub/repository.ts'
import { transferView } from '../view/transfer.ts'

/** Flags of `attune push`, as commander gives them. */
export interface PushFlags extends RepositoryFlags {
  readonly private?: boolean
  readonly message?: string
}

/** What is uploaded of a folder: not what a run keeps beside its model. */
const published = /\.(json|safetensors|jinja|txt|model|md|jsonl|csv|parquet|gguf)$|^LICENSE$/

/** Uploads a folder in one commit, into a repository that is made when it is not there, and prints the commit's address. */
export async function pushCommand(folder: string, id: string, flags: PushFlags): Promise<void> {
  const repository = repositoryOf(id, flags)
  const { type, name, revision, hubUrl, accessToken } = repository
  if (accessToken === undefined)
    throw new UserError('pushing needs a token that may write: --token or HF_TOKEN')
  const names = await readdir(folder).catch(() => {
    throw new UserError(`'${folder}' is not a folder`)
  })
  const files = names.filter((file) => published.test(file))
  if (files.length === 0)
    throw new UserError(`${folder}: there is nothing to publish; it has ${names.join(', ') || 'no files'}`)
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
    for (;;) {
      const { value, done } = await upload.next()
      if (done) {
        view.done()
        process.stdout.write(`${value?.commit.url ?? hubUrl}\n`)
        return
      }
      if (value.event === 'fileProgress' && value.state === 'uploading') view.update(value.progress, 1)
    }
  } catch (cause) {
    throw refusal(cause, repository)
  }
}
