/**
 * A server in a process of its own, to be killed: `serve.ts <folder> <port> [store]`. Starts when a line comes in on stdin, so
 * that its modules are loaded before; prints its URL. Ends with whoever started it.
 */
import { once } from 'node:events'
import { startServer } from '../src/start.ts'

const [folder, port, store] = process.argv.slice(2) as [string, string, string?]
await once(process.stdin, 'data')
process.stdin.resume().once('end', () => process.exit())
const server = await startServer({
  folder,
  data: folder,
  port: Number(port),
  attune: [process.execPath],
  rate: { count: 1e9, seconds: 1 },
  store,
})
process.stdout.write(`${server.url}\n`)
