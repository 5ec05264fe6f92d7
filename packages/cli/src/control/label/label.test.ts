import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clip } from '@attune/control'
import { simulatedAnnotator } from '@attune/feedback'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { labelCommand } from '../../commands/control.ts'
import { askedQuestion } from './asked-question.ts'
import { type ClipFolder, clipFolder, clipJudgments, type Label, type ShownClip } from './clip-folder.ts'
import { folderGatherer } from './folder-gatherer.ts'
import { inForce, openQueries } from './queue.ts'
import { labelServer } from './server.ts'

let path: string
let folder: ClipFolder

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'attune-label-'))
  folder = await clipFolder(path)
})
afterEach(() => rm(path, { recursive: true, force: true }))

const clip = (id: string): Clip => ({
  id,
  steps: 2,
  observations: Float32Array.of(0.1, 0.2),
  actions: Float32Array.of(1, 0),
  rewards: Float32Array.of(0, 1),
  infos: [undefined, { speed: 2 }],
  from: { source: 's', index: 0, start: 0 },
})
const view = { left: 0, right: 1, bottom: 0, top: 1 }
const shown = ({ id }: Clip): ShownClip => ({
  id,
  framesPerSecond: 10,
  frames: [{ view, background: '#fff', figures: [] }],
})
const ask = (a: string, b: string) => folder.ask([clip(a), clip(b)], [shown(clip(a)), shown(clip(b))])

const options = { annotator: { id: 'ann', source: 'person' as const }, question: 'Which <b>?', port: 0 }

/** What a demonstration says beside the answers of people. */
const demonstrated: Label = {
  kind: 'clip-comparison',
  id: 'demonstrated',
  item: 'demonstration a',
  annotator: simulatedAnnotator('demonstrations', { temperature: 0, lapseRate: 0 }),
  time: '2026-01-01T00:00:00Z',
  protocol: 'demonstrations',
  clips: ['demonstration', 'a'],
  preferred: 0,
}

interface Next {
  readonly item?: string
  readonly clips?: readonly ShownClip[]
  readonly answered: number
  readonly waiting: number
  readonly gone?: number
}

async function served<T>(
  use: (call: (path: string, body?: object) => Promise<Next>, url: string) => Promise<T>,
  name = 'ann',
): Promise<T> {
  const annotator = { ...options.annotator, id: name }
  const { url, close } = await labelServer(folder, { ...options, annotator })
  const call = async (route: string, body?: object) => {
    const response = await fetch(
      new URL(route, url),
      body ? { method: 'POST', body: JSON.stringify(body) } : {},
    )
    return (await response.json()) as Next
  }
  try {
    return await use(call, url)
  } finally {
    await close()
  }
}

describe('the labelling server', () => {
  it('keeps what was shown left and right, ties and skips, and takes back the last', async () => {
    for (const [a, b] of [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
      ['g', 'h'],
    ])
      await ask(a!, b!)
    await served(async (call) => {
      const answers = ['left', 'right', 'tie', 'skip'] as const
      const asked: Next[] = []
      let next = await call('/api/next')
      for (const answer of answers) {
        asked.push(next)
        next = await call('/api/labels', { item: next.item, answer, seconds: 1.5 })
      }
      expect(next).toEqual({ answered: 3, skipped: 1, waiting: 0, gone: 0 })
      const labels = await folder.labels()
      const preferredClip = (i: number) => {
        const label = labels[i]!
        if (label.kind !== 'clip-comparison' || typeof label.preferred !== 'number') return label.kind
        return label.clips[label.preferred]
      }
      expect(preferredClip(0)).toBe(asked[0]!.clips![0]!.id)
      expect(preferredClip(1)).toBe(asked[1]!.clips![1]!.id)
      expect(labels[2]).toMatchObject({ preferred: 'tie', durationSeconds: 1.5, annotator: { id: 'ann' } })
      expect(labels[3]).toMatchObject({ kind: 'flag', reason: 'skipped' })
      const back = await call('/api/undo', {})
      expect(back).toMatchObject({ item: asked[3]!.item, waiting: 1 })
      await call('/api/undo', {})
      expect((await folder.labels()).length).toBe(6) // nothing is ever removed
      expect(openQueries(await folder.queries(), await folder.labels()).map(({ item }) => item)).toEqual(
        asked.slice(2).map(({ item }) => item),
      )
    })
  })

  it('passes over pairs whose clips are gone and says so; their labels stay', async () => {
    await ask('a', 'b')
    await ask('c', 'd')
    await rm(join(path, 'clips', 'a.json'))
    await served(async (call) => {
      const next = await call('/api/next')
      expect(next).toMatchObject({ item: 'c d', waiting: 1 })
      expect(await call('/api/labels', { item: 'c d', answer: 'left', seconds: 0 })).toMatchObject({
        waiting: 0,
        gone: 1,
      })
    })
  })

  it('counts and takes back a person’s own answers alone', async () => {
    await ask('a', 'b')
    await ask('c', 'd')
    await served((anns) =>
      served(async (bens) => {
        const answered = await anns('/api/labels', { item: 'a b', answer: 'left', seconds: 0 })
        expect(answered).toMatchObject({ item: 'c d', answered: 1 })
        expect(await bens('/api/labels', { item: 'c d', answer: 'left', seconds: 0 })).toMatchObject({
          answered: 1,
        })
        await folder.label(demonstrated)
        expect(await anns('/api/undo', {})).toMatchObject({ item: 'a b', answered: 0 })
        expect(await anns('/api/undo', {})).toMatchObject({ item: 'a b', answered: 0 })
        const standing = inForce(await folder.labels()).map(({ annotator }) => annotator.id)
        expect(standing).toEqual(['ben', 'demonstrations'])
      }, 'ben'),
    )
  })

  it('keeps one answer to a pair, however often it is given, and gives the next pair', async () => {
    await ask('a', 'b')
    await ask('c', 'd')
    await served(async (call) => {
      const left = () => call('/api/labels', { item: 'a b', answer: 'left', seconds: 0 })
      const next = await Promise.all([left(), left(), left()])
      expect(next.map(({ item }) => item)).toEqual(['c d', 'c d', 'c d'])
      expect(await left()).toMatchObject({ item: 'c d', answered: 1 })
      expect((await folder.labels()).length).toBe(1)
    })
  })

  it('passes over a pair with a damaged clip, and keeps the answer before it once', async () => {
    await ask('a', 'b')
    await ask('c', 'd')
    await ask('e', 'f')
    await writeFile(join(path, 'clips', 'c.json'), '{"clip":')
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      await served(async (call) => {
        const next = await call('/api/labels', { item: 'a b', answer: 'left', seconds: 0 })
        expect(next).toMatchObject({ item: 'e f', answered: 1, waiting: 1 })
        expect(await call('/api/labels', { item: 'e f', answer: 'left', seconds: 0 })).toMatchObject({
          waiting: 0,
          gone: 1,
        })
      })
      expect((await folder.labels()).length).toBe(2)
      expect(told.mock.calls).toEqual([[expect.stringContaining('c.json: not JSON; remove the file')]])
    } finally {
      told.mockRestore()
    }
  })

  it('answers nobody but its own page', async () => {
    await served(async (_, url) => {
      const status = (headers: Record<string, string>, method = 'GET') =>
        new Promise<number>((resolve, reject) => {
          const sent = request(new URL('/api/next', url), { headers, method }, (response) => {
            response.resume()
            resolve(response.statusCode!)
          })
          sent.on('error', reject)
          sent.end()
        })
      expect(await status({})).toBe(200)
      expect(await status({ host: 'elsewhere.example' })).toBe(403)
      expect(await status({ origin: 'http://elsewhere.example' }, 'POST')).toBe(403)
      const page = await (await fetch(url)).text()
      expect(page).toContain('Which &lt;b&gt;?')
    })
  })

  it('says which answer it does not know', async () => {
    await ask('a', 'b')
    await served(async (call) => {
      expect(await call('/api/labels', { item: 'a b', answer: 'up', seconds: 0 })).toHaveProperty('error')
      expect(await call('/api/labels', { item: 'x', answer: 'left', seconds: 0 })).toEqual({
        error: "there is no pair 'x'",
      })
      expect(await folder.labels()).toEqual([])
    })
  })
})

describe('the folder of clips', () => {
  it('gives back clips and labels as they were, and outlives a torn line', async () => {
    await ask('a/1', 'b')
    const [first, second] = await folder.clips()
    expect([first, second].map((read) => read!.id).sort()).toEqual(['a/1', 'b'])
    expect(second!.observations).toEqual(clip('b').observations)
    await appendFile(join(path, 'labels.jsonl'), '{"kind":"clip-comp')
    await served((call) => call('/api/labels', { item: 'a/1 b', answer: 'left', seconds: 0 }))
    expect((await folder.labels()).length).toBe(1)
    expect(await readFile(join(path, 'labels.jsonl'), 'utf8')).toMatch(
      /^\{"kind":"clip-comp\n\{"kind":"clip-comparison"/,
    )
  })

  it('names the line of a label that is none', async () => {
    await appendFile(join(path, 'labels.jsonl'), '{"kind":"clip-comparison","item":"x"}\n')
    await expect(folder.labels()).rejects.toThrow(/labels\.jsonl, line 1: annotator/)
  })

  it('takes no label that it could not read again, and no page is served to a person without a name', async () => {
    const nobody = { id: ' ', source: 'person' as const }
    await expect(labelServer(folder, { ...options, annotator: nobody })).rejects.toThrow("--name ' '")
    await expect(folder.label({ ...demonstrated, annotator: { ...nobody, id: '' } })).rejects.toThrow(
      /labels\.jsonl: annotator\.id/,
    )
    expect(await folder.labels()).toEqual([])
  })
})

describe('what is asked about clips', () => {
  it('is what the run’s recipe asks; a folder without such a recipe is refused, and not made', async () => {
    const recipe = (text: string) => writeFile(join(path, 'recipe.yaml'), text)
    await recipe('annotator: { kind: person, question: "Which is upright?" }\n')
    expect(await askedQuestion(path)).toBe('Which is upright?')
    await recipe('annotator: { kind: person }\n')
    expect(await askedQuestion(path)).toBe('Which clip is better?')
    await recipe('environment: CartPole-v1\n')
    await expect(askedQuestion(path)).rejects.toThrow('recipe.yaml: names no annotator')
    const flags = { port: '0', name: 'me' }
    await expect(labelCommand(join(path, 'typo'), flags)).rejects.toThrow(
      /typo.recipe\.yaml: there is no such file/,
    )
    expect(await readdir(path)).not.toContain('typo')
  })

  it('is asked here of a run that waits for a person here; others are told who answers', async () => {
    const recipe = (text: string) => writeFile(join(path, 'recipe.yaml'), text)
    await recipe('annotator: { kind: simulated }\n')
    await expect(askedQuestion(path)).rejects.toThrow(
      'annotator.kind is simulated, expected person: a simulation answers',
    )
    await recipe('annotator: { kind: studio, url: "http://127.0.0.1:4321" }\n')
    await expect(askedQuestion(path)).rejects.toThrow('label at http://127.0.0.1:4321')
    const asked = { url: 'http://127.0.0.1:4321', project: 'p1' }
    await writeFile(join(path, 'studio.json'), JSON.stringify(asked))
    await expect(askedQuestion(path)).rejects.toThrow('label at http://127.0.0.1:4321/projects/p1/label')
  })
})

describe('folderGatherer', () => {
  it('waits for the first answers and takes later ones as they come', async () => {
    const gatherer = folderGatherer(folder, { show: shown, everySeconds: 0.02 })
    await gatherer.ask([
      [clip('a'), clip('b')],
      [clip('c'), clip('d')],
    ])
    await served(async (call) => {
      const waited = gatherer.answers(1)
      await call('/api/labels', { item: 'a b', answer: 'tie', seconds: 0 })
      expect((await waited).map(({ item }) => item)).toEqual(['a b'])
      expect(await gatherer.answers()).toEqual([])
      expect(gatherer.waiting()).toBe(1)
      await call('/api/labels', { item: 'c d', answer: 'skip', seconds: 0 })
      expect(clipJudgments(await folder.labels()).length).toBe(1)
      expect(await gatherer.answers(5)).toEqual([]) // nothing is open any more: it does not wait for ever
    })
  })

  it('ends its waiting when it is told to; what has come by then is for the run that goes on', async () => {
    const stop = new AbortController()
    const options = { show: shown, everySeconds: 60, signal: stop.signal }
    const gatherer = folderGatherer(folder, { ...options, onWait: () => stop.abort() })
    await ask('a', 'b')
    await ask('c', 'd')
    await served((call) => call('/api/labels', { item: 'a b', answer: 'tie', seconds: 0 }))
    expect(await gatherer.answers(2)).toEqual([])
    expect((await folderGatherer(folder, { show: shown }).answers()).map(({ item }) => item)).toEqual(['a b'])
  })

  it('holds the training while too many pairs wait', async () => {
    const gatherer = folderGatherer(folder, { show: shown, everySeconds: 0.02, mostWaiting: 1 })
    await gatherer.ask([
      [clip('a'), clip('b')],
      [clip('c'), clip('d')],
    ])
    let released = false
    const held = gatherer.answers().then((answers) => {
      released = true
      return answers
    })
    await new Promise((resolve) => setTimeout(resolve, 80))
    expect(released).toBe(false)
    await served((call) => call('/api/labels', { item: 'a b', answer: 'left', seconds: 0 }))
    expect((await held).length).toBe(1)
  })

  it('waits for answers in force, of people; what was taken back or demonstrated is none', async () => {
    const gatherer = folderGatherer(folder, { show: shown, everySeconds: 0.02 })
    await gatherer.ask([
      [clip('a'), clip('b')],
      [clip('c'), clip('d')],
      [clip('e'), clip('f')],
    ])
    await folder.label(demonstrated)
    await served(async (call) => {
      const answer = (item: string) => call('/api/labels', { item, answer: 'left', seconds: 0 })
      await answer('a b')
      await call('/api/undo', {})
      await answer('a b')
      let released = false
      const waited = gatherer.answers(2).finally(() => {
        released = true
      })
      await new Promise((resolve) => setTimeout(resolve, 80))
      expect(released).toBe(false)
      await answer('c d')
      expect((await waited).length).toBe(5)
    })
  })

  it('does not wait for pairs whose clips are gone', async () => {
    const gatherer = folderGatherer(folder, { show: shown, everySeconds: 0.02, mostWaiting: 1 })
    await gatherer.ask([
      [clip('a'), clip('b')],
      [clip('c'), clip('d')],
    ])
    await rm(join(path, 'clips', 'a.json'))
    await rm(join(path, 'clips', 'd.json'))
    expect(await gatherer.answers(1)).toEqual([])
    expect(gatherer.waiting()).toBe(0)
  }, 5000)
})
