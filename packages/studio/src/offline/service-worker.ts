/**
 * Keeps the studio's own files in the browser, so that its pages open without a network. Only the files that the build has
 * listed are ever kept; what the server and the models answer goes past this worker untouched.
 */

/** The files of this build, put in front of this script by the build. */
interface Shell {
  readonly version: string
  readonly files: readonly string[]
}

interface Lasting extends Event {
  readonly waitUntil: (work: Promise<unknown>) => void
}
interface Fetching extends Event {
  readonly request: Request
  readonly respondWith: (response: Promise<Response>) => void
}
interface Worker {
  readonly shell: Shell
  readonly clients: { readonly claim: () => Promise<void> }
  addEventListener(name: 'install' | 'activate', listener: (event: Lasting) => void): void
  addEventListener(name: 'fetch', listener: (event: Fetching) => void): void
}

const worker = self as unknown as Worker
const { version, files } = worker.shell
const cacheName = `attune-${version}`
const kept = new Set(files)

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll([...files])))
})

// A new build waits until the last page of the old one is closed: its pages find their own files until then.
worker.addEventListener('activate', (event) => {
  event.waitUntil(dropOld().then(() => worker.clients.claim()))
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin || /^\/(api|v1)\//.test(pathname)) return
  if (kept.has(pathname)) event.respondWith(file(request))
  else if (request.mode === 'navigate') event.respondWith(page(request))
})

async function dropOld(): Promise<void> {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name !== cacheName).map((name) => caches.delete(name)))
}

/** A page from the server; without it the studio's one page, which reads the address itself. */
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const response = await caches.match('/', { cacheName })
    if (response) return response
    throw error
  }
}

/** A file of this build; its first page is asked for at the server, so that a new build is found. */
async function file(request: Request): Promise<Response> {
  if (request.mode === 'navigate') return page(request)
  return (await caches.match(request, { cacheName })) ?? fetch(request)
}
