import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A file of the hub, and how the next transfers of it go wrong. */
export interface HostedFile {
  readonly content: Buffer
  readonly large?: boolean
  /** Connections that break off after so many bytes, one after the other. */
  readonly cuts?: number[]
  /** Transfers that send other bytes of the same number. */
  corrupted?: number
  readonly ignoresRanges?: boolean
}

/** What the hub was asked, with the first byte of every range. */
export interface FakeHub {
  readonly url: string
  readonly requests: { readonly path: string; readonly from: number }[]
  readonly uploads: Map<string, Buffer>
  readonly commits: string[]
  /** The branch goes on to these files; the commits before it stay as they are. */
  readonly move: (files: Record<string, HostedFile>) => void
  readonly close: () => Promise<void>
}

/** A hub on the loopback that speaks the endpoints which `attune pull` and `attune push` use. */
export async function fakeHub(
  files: Record<string, HostedFile>,
  {
    repository = 'someone/tiny',
    type = 'model',
    token,
    gated = false,
  }: {
    repository?: string
    type?: 'model' | 'dataset'
    token?: string
    /** Only what files hold needs the token, not what they are called. */
    gated?: boolean
  } = {},
): Promise<FakeHub> {
  const place = `${type === 'dataset' ? '/datasets' : ''}/${repository}`
  const history = [files]
  const filesAt = (path: string, before: string) => {
    const [, at, rest = ''] = new RegExp(`^${before}/commit-(\\d+)/?(.*)$`).exec(path) ?? []
    return { at: history[Number(at)], rest: decodeURIComponent(rest) }
  }
  const requests: { path: string; from: number }[] = []
  const uploads = new Map<string, Buffer>()
  const commits: string[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://hub')
    const uploading = url.pathname.startsWith('/upload/') // its address is the permission
    const open = uploading || (gated && url.pathname.startsWith('/api/'))
    if (token && !open && request.headers.authorization !== `Bearer ${token}`)
      return answer(response, gated ? 403 : 401, { error: 'Invalid credentials' })
    const body = await bodyOf(request)
    if (url.pathname === '/api/repos/create')
      return answer(response, 409, { error: 'You already created it' })
    if (url.pathname === `/api/${type}s/${repository}/revision/main`)
      return answer(response, 200, { id: repository, sha: `commit-${history.length - 1}` })
    const tree = filesAt(url.pathname, `/api/${type}s/${repository}/tree`).at
    if (tree) return answer(response, 200, listing(tree))
    if (url.pathname.startsWith(`/api/${type}s/${repository}/preupload/`)) {
      const asked = (JSON.parse(body.toString()) as { files: { path: string }[] }).files
      const mode = (path: string) => (path.endsWith('.safetensors') ? 'lfs' : 'regular')
      return answer(response, 200, { files: asked.map(({ path }) => ({ path, uploadMode: mode(path) })) })
    }
    if (url.pathname === `${place}.git/info/lfs/objects/batch`) {
      const { objects } = JSON.parse(body.toString()) as { objects: { oid: string; size: number }[] }
      const upload = (oid: string) => ({ upload: { href: `${address()}/upload/${oid}`, header: {} } })
      return answer(response, 200, {
        transfer: 'basic',
        objects: objects.map((o) => ({ ...o, actions: upload(o.oid) })),
      })
    }
    if (uploading) {
      uploads.set(url.pathname.slice('/upload/'.length), body)
      return answer(response, 200, {})
    }
    if (url.pathname.startsWith(`/api/${type}s/${repository}/commit/`)) {
      commits.push(body.toString())
      return answer(response, 200, {
        commitOid: 'c0ffee',
        commitUrl: `${address()}/${repository}/commit/c0ffee`,
      })
    }
    const { at, rest: path } = filesAt(url.pathname, `${place}/resolve`)
    const file = at?.[path]
    if (!file) return answer(response, 404, { error: 'Repository not found' })
    const from = file.ignoresRanges ? 0 : Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    requests.push({ path, from })
    send(response, { file, from })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  const move = (next: Record<string, HostedFile>) => {
    history.push(next)
  }
  return { url: address(), requests, uploads, commits, move, close }
}

function send(response: ServerResponse, { file, from }: { file: HostedFile; from: number }): void {
  const total = file.content.length
  const rest = Buffer.from(file.content.subarray(from))
  if (file.corrupted && file.corrupted-- > 0) rest[0] = rest[0]! ^ 1
  const range = { 'content-range': `bytes ${from}-${total - 1}/${total}` }
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length, ...(from > 0 ? range : {}) })
  const cut = file.cuts?.shift()
  if (cut === undefined) response.end(rest)
  else response.write(rest.subarray(0, cut), () => setTimeout(() => response.destroy(), 300)) // until that much has come
}

function listing(files: Record<string, HostedFile>): object[] {
  return Object.entries(files).map(([path, { content, large }]) => {
    const sha256 = createHash('sha256').update(content).digest('hex')
    const oid = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
    return {
      type: 'file',
      path,
      size: content.length,
      oid,
      ...(large ? { lfs: { oid: sha256, size: content.length } } : {}),
    }
  })
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
