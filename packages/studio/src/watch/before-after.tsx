import { wilsonInterval } from '@attune/feedback'
import { useCall } from '../api/context.tsx'
import { type Result, ResultSection } from './evaluation.tsx'

interface Row {
  readonly prompt: string
  readonly completion: string
  readonly score: number
  readonly tokens: number
}

/** What a round changed: the samples of its two `score` stages side by side, prompt by prompt. */
export function BeforeAfter({ run }: { run: string }) {
  const [before, after] = [useScored(run, 'before'), useScored(run, 'after')]
  const diversity = [useDiversity(run, 'before'), useDiversity(run, 'after')]
  if (!before || !after) return null
  const result = compared(before, after)
  return (
    <ResultSection
      result={{
        ...result,
        before: { ...result.before, ...diversity[0] },
        after: { ...result.after, ...diversity[1] },
      }}
      lede="The project’s own prompts, completed by the policy it started from and by the new one. The judge is the reward model that learnt from the labels."
    />
  )
}

function useScored(run: string, stage: string): readonly Row[] | undefined {
  const query = useCall('GET /api/runs/{name}/samples', { params: { name: run }, query: { stage } })
  return query.data?.rows as unknown as Row[] | undefined
}

/** Distinct word pairs, as the stage has measured them. */
function useDiversity(run: string, stage: string): { readonly distinct2?: number } {
  const query = useCall('GET /api/runs/{name}/result', {
    params: { name: run },
    query: { stage, kind: 'done' },
  })
  const { distinct2 } = (query.data?.summary ?? {}) as { distinct2?: number }
  return distinct2 === undefined ? {} : { distinct2 }
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

/** Pairs the rows of one prompt. The win rate counts higher rewards, ties half, with Wilson's interval. */
export function compared(before: readonly Row[], after: readonly Row[]): Result {
  const pairs = before.flatMap((old) => {
    const now = after.find(({ prompt }) => prompt === old.prompt)
    return now ? [{ old, now }] : []
  })
  if (pairs.length === 0) return {}
  const wins = pairs.reduce(
    (sum, { old, now }) => sum + (now.score > old.score ? 1 : now.score === old.score ? 0.5 : 0),
    0,
  )
  const lengths = (rows: readonly Row[]) => ({ meanLength: mean(rows.map(({ tokens }) => tokens)) })
  return {
    winRate: wilsonInterval(wins, pairs.length),
    rewardBefore: mean(before.map(({ score }) => score)),
    rewardAfter: mean(after.map(({ score }) => score)),
    before: lengths(before),
    after: lengths(after),
    samples: pairs.map(({ old, now }) => ({
      prompt: old.prompt,
      before: { text: old.completion, reward: old.score },
      after: { text: now.completion, reward: now.score },
    })),
  }
}
