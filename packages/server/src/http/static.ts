import { readdir, readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import type { MiddlewareHandler } from 'hono'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json',
}

/** Serves the files of a folder as they were listed at the start: no path of a request reaches the file system. */
export async function staticFiles(folder: string): Promise<MiddlewareHandler> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = new Map(
    entries
      .filter((entry) => entry.isFile() && extname(entry.name) in types)
      .map((entry) => {
        const path = join(entry.parentPath ?? entry.path, entry.name)
        return [
          `/${path
            .slice(folder.length + 1)
            .split(sep)
            .join('/')}`,
          path,
        ]
      }),
  )
  return async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return next()
    const { path } = c.req
    const isPage = !/^\/(api|v1)(\/|$)/.test(path) && extname(path) === ''
    const file = files.get(path) ?? (isPage ? files.get('/index.html') : undefined)
    if (file === undefined) return next()
    const hashed = path.startsWith('/assets/')
    return c.body(await readFile(file), 200, {
      'Content-Type': types[extname(file)]!,
      'Cache-Control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
  }
}
