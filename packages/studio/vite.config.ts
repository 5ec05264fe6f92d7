import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type Plugin } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const workerFile = 'service-worker.js'

/** Puts the names of the build's files in front of the service worker, which keeps them for times without a network. */
function shell(): Plugin {
  return {
    name: 'attune-shell',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const worker = bundle[workerFile]
      if (worker?.type !== 'chunk') throw new Error(`${workerFile} is not in the build`)
      const publicFiles = readdirSync(here('public'))
      const built = Object.keys(bundle).filter((name) => name !== workerFile && name !== 'index.html')
      const hash = createHash('sha256').update(built.join())
      for (const name of publicFiles) hash.update(readFileSync(here(`public/${name}`)))
      const files = ['/', ...[...built, ...publicFiles].map((name) => `/${name}`)]
      worker.code = `self.shell=${JSON.stringify({ version: hash.digest('hex').slice(0, 12), files })};\n${worker.code}`
    },
  }
}

/** The app is served from the root of the server; in development calls go to a server on the usual port. */
export default defineConfig({
  plugins: [react(), shell()],
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      input: { index: here('index.html'), 'service-worker': here('src/offline/service-worker.ts') },
      output: {
        entryFileNames: ({ name }) => (name === 'service-worker' ? workerFile : 'assets/[name]-[hash].js'),
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:7867', '/v1': 'http://127.0.0.1:7867' } },
})
