import type { Item, Judgment } from '@attune/feedback'
import { notFound } from '../http/api-error.ts'
import type { Handlers } from '../http/handler.ts'
import { agreementOf } from '../labelling/agreement.ts'
import { groupsOf, type ItemScores } from '../labelling/groups.ts'
import { modelOf } from '../models/find.ts'
import { allItems } from '../runs/loop.ts'
import { perRequest, rewardScores } from '../selection/scores.ts'
import type { Services } from '../services.ts'

/** Items that a reward model scores for a look at groups. */
const mostScored = 500

/** How far a project's annotators agree. */
export function agreementHandlers(services: Services): Pick<Handlers, 'readAgreement' | 'readGroups'> {
  const { store, accounts } = services
  const judgmentsOf = async (id: string) => {
    if (!(await store.projects.get(id))) throw notFound('the project')
    const judgments: Judgment[] = []
    for await (const judgment of store.judgments(id)) judgments.push(judgment)
    return judgments
  }
  return {
    readAgreement: async ({ params: { id } }) => {
      const judgments = await judgmentsOf(id)
      const items = new Map((await allItems(store, id)).map((item) => [item.id, item]))
      const { kappa, ...report } = agreementOf(judgments, { items, names: await accounts.names() })
      return { ...report, kappa }
    },
    readGroups: async ({ params: { id }, query: { reward } }) => {
      const judgments = await judgmentsOf(id)
      if (reward === undefined) return { groups: groupsOf(judgments, new Map()) }
      const compared = judgments.filter(({ kind }) => kind === 'comparison').map(({ item }) => item)
      const newest = new Set([...new Set(compared.reverse())].slice(0, mostScored))
      const items = (await allItems(store, id)).filter((item) => newest.has(item.id))
      return { groups: groupsOf(judgments, await scoresOf(services, { reward, items })) }
    },
  }
}

async function scoresOf(
  { inference, models }: Services,
  { reward, items }: { reward: string; items: readonly Item[] },
): Promise<ItemScores> {
  const model = modelOf(await models(), reward, 'reward')
  const scores = new Map<string, readonly number[]>()
  for (let first = 0; first < items.length; first += perRequest) {
    const part = items.slice(first, first + perRequest)
    for (const [i, found] of (await rewardScores(inference, model, part)).entries())
      if (found) scores.set(part[i]!.id, found)
  }
  return scores
}
