import { type Comparison, type Contest, newId } from '@attune/feedback'
import { leaderboard } from '../arena/leaderboard.ts'
import { ApiError, invalid, notFound } from '../http/api-error.ts'
import { accountOf, type Handlers } from '../http/handler.ts'
import { sampleItems } from '../labelling/sampling.ts'
import { modelOf } from '../models/find.ts'
import type { Services } from '../services.ts'

type Names = 'arenaRound' | 'arenaVote' | 'arenaLeaderboard'

/** The project that votes are kept in. */
export const arenaProject = 'arena'

/** Blind rounds of two models; votes are comparisons of the project `arena`. */
export function arenaHandlers({
  store,
  database,
  inference,
  models,
  events,
}: Services): Pick<Handlers, Names> {
  return {
    arenaRound: async ({ body }, caller) => {
      const { prompt, maxNewTokens, temperature } = body
      const pair =
        body.models ?? draw((await models()).filter(({ kind }) => kind === 'lm').map(({ id }) => id))
      const shown = Math.random() < 0.5 ? pair : ([pair[1], pair[0]] as const)
      const known = await models()
      const sampled = await Promise.all(
        shown.map(async (id) => {
          const model = modelOf(known, id)
          const seed = Math.floor(Math.random() * 2 ** 30)
          const order = {
            model,
            prompts: [prompt],
            completionsPerPrompt: 1,
            maxNewTokens,
            temperature,
            topP: 1,
            seed,
          }
          const [item] = await sampleItems(inference, { ...order, first: 0 })
          return item!.completions![0]!.text
        }),
      )
      const id = newId()
      await database
        .insertInto('server_arena_rounds')
        .values({
          id,
          prompt,
          models: JSON.stringify(shown),
          answers: JSON.stringify(sampled),
          account: accountOf(caller).id,
          created_at: new Date().toISOString(),
          judgment: null,
        })
        .execute()
      return {
        id,
        prompt,
        answers: [
          { slot: 'A', text: sampled[0]! },
          { slot: 'B', text: sampled[1]! },
        ],
      }
    },
    arenaVote: async ({ params: { id }, body }, caller) => {
      const account = accountOf(caller)
      const round = await database
        .selectFrom('server_arena_rounds')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      if (!round || round.account !== account.id) throw notFound('the round')
      const [models, answers] = [JSON.parse(round.models), JSON.parse(round.answers)] as [string, string][]
      await ensureProject(store)
      await store.addItems(arenaProject, [
        { id, prompt: round.prompt, completions: answers!.map((text, i) => ({ text, model: models![i]! })) },
      ])
      // one vote a round: the key is the round's, so a second vote is told of the first
      const { judgment, duplicate } = await store.submit(
        {
          kind: 'comparison',
          project: arenaProject,
          item: id,
          annotator: { id: account.id, source: 'person', name: account.name },
          time: new Date().toISOString(),
          protocol: 'arena-1',
          prompt: round.prompt,
          completions: answers!,
          preferred: body.preferred,
          metadata: { models, delivery: body.key },
        },
        { key: `arena:${id}` },
      )
      const first = (judgment as Comparison).preferred
      if (duplicate && judgment.metadata?.delivery !== body.key)
        throw new ApiError(409, 'conflict', `this round was voted on already (${first}); start a new one`)
      await database
        .updateTable('server_arena_rounds')
        .set({ judgment: judgment.id })
        .where('id', '=', id)
        .execute()
      events.publish({ type: 'project', id: arenaProject })
      return { models: models!, duplicate }
    },
    arenaLeaderboard: async () => {
      const contests: Contest[] = []
      if (await store.projects.get(arenaProject)) {
        for await (const judgment of store.judgments(arenaProject, { kind: 'comparison' })) {
          const { preferred, metadata } = judgment as Comparison
          const between = metadata?.models as [string, string] | undefined
          if (between) contests.push({ between, preferred })
        }
      }
      return { votes: contests.length, models: leaderboard(contests) }
    },
  }
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
