import { datasetInfo, HubApiError, listFiles, modelInfo } from '@huggingface/hub'
import { UserError } from '../errors.ts'

/** A repository of a hub, and how it is reached. */
export interface Repository {
  readonly type: 'model' | 'dataset'
  /** `<owner>/<name>`. */
  readonly name: string
  /** Branch, tag or commit. */
  readonly revision: string
  /** Address of the hub; HF_ENDPOINT, or Hugging Face's own. */
  readonly hubUrl: string
  readonly accessToken: string | undefined
}

/** A file as the hub lists it, with the checksum of its content. */
export interface RemoteFile {
  readonly path: string
  readonly size: number
  /** SHA-256 of a large file; of a small one git's own SHA-1, over a header and the content. */
  readonly checksum: { readonly algorithm: 'sha256' | 'git-sha1'; readonly hex: string }
}

/** Flags that name a repository. */
export interface RepositoryFlags {
  readonly dataset?: boolean
  readonly revision?: string
  readonly token?: string
}

/** The repository that a command names; the token is the flag's or HF_TOKEN's. Throws when the id is not `<owner>/<name>`. */
export function repositoryOf(id: string, { dataset, revision = 'main', token }: RepositoryFlags): Repository {
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(id) || id.includes('..'))
    throw new UserError(`'${id}' is not the id of a repository; expected <owner>/<name>`)
  const accessToken = token ?? process.env.HF_TOKEN
  if (accessToken !== undefined && !accessToken.startsWith('hf_'))
    throw new UserError("the token does not begin with 'hf_'; is it one of the hub's access tokens?")
  return {
    type: dataset ? 'dataset' : 'model',
    name: id,
    revision,
    hubUrl: (process.env.HF_ENDPOINT ?? 'https://huggingface.co').replace(/\/$/, ''),
    accessToken,
  }
}

/** Address of a file's content. */
export function contentUrl({ type, name, revision, hubUrl }: Repository, path: string): string {
  const place = path.split('/').map(encodeURIComponent).join('/')
  const kind = type === 'model' ? '' : 'datasets/'
  return `${hubUrl}/${kind}${name}/resolve/${encodeURIComponent(revision)}/${place}`
}

/** The same repository at the commit that its revision is at now, which does not move while files come. Throws what the hub refuses. */
export async function atCommit(repository: Repository): Promise<Repository> {
  const { type, name, revision, hubUrl, accessToken } = repository
  const query = { name, revision, hubUrl, ...(accessToken ? { accessToken } : {}) }
  try {
    const { sha } =
      type === 'model'
        ? await modelInfo({ ...query, additionalFields: ['sha'] })
        : await datasetInfo({ ...query, additionalFields: ['sha'] })
    return { ...repository, revision: sha }
  } catch (cause) {
    throw refusal(cause, repository)
  }
}

/** All files of a revision. Throws what the hub refuses, in words. */
export async function filesOf(repository: Repository): Promise<RemoteFile[]> {
  const { type, name, revision, hubUrl, accessToken } = repository
  const files: RemoteFile[] = []
  const query = { repo: { type, name }, recursive: true, revision, hubUrl }
  try {
    for await (const entry of listFiles({ ...query, ...(accessToken ? { accessToken } : {}) })) {
      if (entry.type !== 'file') continue
      const checksum = entry.lfs
        ? { algorithm: 'sha256' as const, hex: entry.lfs.oid }
        : { algorithm: 'git-sha1' as const, hex: entry.oid ?? '' }
      files.push({ path: insideOnly(entry.path, repository), size: entry.lfs?.size ?? entry.size, checksum })
    }
  } catch (cause) {
    throw refusal(cause, repository)
  }
  return files
}

/** A hub's refusal as an error that says what to do. */
export function refusal(cause: unknown, repository: Repository): Error {
  if (cause instanceof UserError) return cause
  if (cause instanceof HubApiError) return statusRefusal(cause.statusCode, repository, String(cause))
  const reason = (cause as Error).cause ?? cause
  return new UserError(
    `${repository.hubUrl} cannot be reached (${(reason as Error).message}); HF_ENDPOINT names another hub`,
  )
}

/** An answer's status, other than a good one, as an error that says what to do; `words` are the hub's. */
export function statusRefusal(
  status: number,
  { type, name, revision, accessToken }: Repository,
  words: string,
): Error {
  if (status === 401 || status === 403) {
    const advice = accessToken
      ? 'the token is not allowed to; does it have that right, and was access to the repository granted on its page?'
      : 'it is private or gated, or not there; give a token with --token or HF_TOKEN'
    return new UserError(`${type} ${name}: refused by the hub (${status}): ${advice}`)
  }
  if (status === 404)
    return new UserError(
      `${type} ${name}: not on the hub, or it has no revision '${revision}' (404); check the id, or use --token if it is private`,
    )
  return new UserError(`${type} ${name}: the hub answered ${status}: ${words}`)
}

function insideOnly(path: string, { name }: Repository): string {
  if (path.startsWith('/') || path.includes('\\') || path.split('/').includes('..'))
    throw new UserError(`${name}: the hub lists a file '${path}', which would lie outside of the folder`)
  return path
}
