/**
 * An app that collects its users' thumbs: start `attune studio`, make a project of kind "binary" and an API key for it in the
 * studio's settings, then
 *
 *   ATTUNE_KEY=attune_… node --conditions=source --import tsx examples/collect-thumbs.ts
 *
 * The answers come from the server's own model here; in your app they come from wherever they come from.
 */
import { createInterface } from 'node:readline/promises'
import { feedbackClient } from '@attune/server/feedback-client'

const url = process.env.ATTUNE_URL ?? 'http://127.0.0.1:4321'
const apiKey = process.env.ATTUNE_KEY
if (!apiKey) throw new Error('ATTUNE_KEY is missing: make an API key of scope "feedback" in the studio')

const sendFeedback = feedbackClient({ url, apiKey })
const terminal = createInterface({ input: process.stdin, output: process.stdout })

for (;;) {
  const prompt = (await terminal.question('\nBegin a sentence (empty to leave): ')).trim()
  if (!prompt) break
  const completion = await complete(prompt)
  console.log(`${prompt}${completion}`)
  const thumb = await terminal.question('Good? [y/n] ')
  // one key for one answer: should the network fail, the same key may be sent again and counts once
  const key = crypto.randomUUID()
  const { id } = await sendFeedback({ prompt, completion, desirable: /^y/i.test(thumb), user: 'you' }, key)
  console.log(`kept as ${id}`)
}
terminal.close()

async function complete(prompt: string): Promise<string> {
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sotu-4m', prompt, max_tokens: 28, temperature: 0.7 }),
  })
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`)
  const { choices } = (await response.json()) as { choices: { text: string }[] }
  return choices[0]!.text
}
