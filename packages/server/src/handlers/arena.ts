import { type Comparison, type Contest, newId, type Preference } from '@attune/feedback'
import { leaderboard } from '../arena/leaderboard.ts'
import { ApiError, invalid, notFound } from '../http/api-error.ts'
import type { CallerAccount } from '../http/caller.ts'
import { accountOf, type Handlers } from '../http/handler.ts'
import { sampleItems } from '../labelling/sampling.ts'
import { modelOf } from '../models/find.ts'
import type { Services } from '../services.ts'

type Names = 'arenaRound' | 'arenaVote' | 'arenaLeaderboard'

/** The project that votes are kept in. */
export const arenaProject = 'arena'

/** Blind rounds of two models; votes are comparisons of the project `arena`. */
export function arenaHandlers(services: Services): Pick<Handlers, Names> {
  return {
    arenaRound: ({ body }, caller) => newRound(services, body, accountOf(caller).id),
    arenaVote: ({ params: { id }, body }, caller) => vote(services, { id, ...body }, accountOf(caller)),
    arenaLeaderboard: async () => {
      const contests = await votes(services)
      return { votes: contests.length, models: leaderboard(contests) }
    },
  }
}

async function newRound(
  { database, inference, models }: Services,
  {
    prompt,
    maxNewTokens,
    temperature,
    models: wanted,
  }: {
    prompt: string
    maxNewTokens: number
    temperature: number
    models?: readonly [string, string] | undefined
  },
  account: string,
) {
  const known = await models()
  const pair = wanted ?? draw(known.filter(({ kind }) => kind === 'lm').map(({ id }) => id))
  if (pair[0] === pair[1]) throw invalid('body.models', 'names one model twice; an arena compares two')
  const shown = Math.random() < 0.5 ? pair : ([pair[1], pair[0]] as const)
  const sample = async (id: string) => {
    const seed = Math.floor(Math.random() * 2 ** 30)
    const sampling = { maxNewTokens, temperature, topP: 1, seed, first: 0 }
    const order = { model: modelOf(known, id), prompts: [prompt], completionsPerPrompt: 1, ...sampling }
    const [item] = await sampleItems(inference, order)
    return item!.completions![0]!.text
  }
  const [first, second] = [await sample(shown[0]), await sample(shown[1])]
  const id = newId()
  await database
    .insertInto('server_arena_rounds')
    .values({
      id,
      prompt,
      models: JSON.stringify(shown),
      answers: JSON.stringify([first, second]),
      account,
      created_at: new Date().toISOString(),
      judgment: null,
    })
    .execute()
  const answers = [
    { slot: 'A', text: first },
    { slot: 'B', text: second },
  ] as const
  return { id, prompt, answers }
}

/** Keeps a vote. One counts a round: the store's key is the round's, so a second vote is told of the first. */
async function vote(
  { database, store, events }: Services,
  { id, preferred, key }: { id: string; preferred: Preference; key: string },
  account: CallerAccount,
) {
  const round = await database
    .selectFrom('server_arena_rounds')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  if (!round || round.account !== account.id) throw notFound('the round')
  const models = JSON.parse(round.models) as [string, string]
  const answers = JSON.parse(round.answers) as [string, string]
  await ensureProject(store)
  const completions = answers.map((text, i) => ({ text, model: models[i]! }))
  await store.addItems(arenaProject, [{ id, prompt: round.prompt, completions }])
  const { judgment, duplicate } = await store.submit(
    {
      kind: 'comparison',
      project: arenaProject,
      item: id,
      annotator: { id: account.id, source: 'person', name: account.name },
      time: new Date().toISOString(),
      protocol: 'arena-1',
      prompt: round.prompt,
      completions: answers,
      preferred,
      metadata: { models, delivery: key },
    },
    { key: `arena:${id}` },
  )
  const first = judgment as Comparison
  if (duplicate && (first.metadata?.delivery !== key || first.preferred !== preferred))
    throw new ApiError(409, 'conflict', 'this round was voted on already; start a new one')
  await database
    .updateTable('server_arena_rounds')
    .set({ judgment: judgment.id })
    .where('id', '=', id)
    .execute()
  events.publish({ type: 'project', id: arenaProject })
  return { models, duplicate }
}

async function votes({ store }: Services): Promise<Contest[]> {
  if (!(await store.projects.get(arenaProject))) return []
  const contests: Contest[] = []
  for await (const judgment of store.judgments(arenaProject, { kind: 'comparison' })) {
    const { preferred, metadata } = judgment as Comparison
    const between = metadata?.models as [string, string] | undefined
    if (between) contests.push({ between, preferred })
  }
  return contests
}

/** Two different models by chance. */
function draw(ids: readonly string[]): [string, string] {
  if (ids.length < 2)
    throw invalid(
      'body.models',
      `is missing, and there are ${ids.length} models to draw two from; train one first`,
    )
  const first = Math.floor(Math.random() * ids.length)
  const second = (first + 1 + Math.floor(Math.random() * (ids.length - 1))) % ids.length
  return [ids[first]!, ids[second]!]
}

async function ensureProject(store: Services['store']): Promise<void> {
  if (await store.projects.get(arenaProject)) return
  const question = 'Which answer is better?'
  await store.projects
    .create({
      id: arenaProject,
      name: 'Arena',
      description: 'Votes of the arena.',
      protocol: { version: 'arena-1', kind: 'comparison', question },
    })
    .catch(async (cause) => {
      if (!(await store.projects.get(arenaProject))) throw cause
    })
}
