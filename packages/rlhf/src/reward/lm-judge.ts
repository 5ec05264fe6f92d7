import { type Device, type Parameters, type Tensor, value } from '@attune/grad'
import { type Architecture, logits } from '@attune/lm'
import { lastStates, type Sequence } from '../rollout/sequences.ts'
import { scoreByPrompt } from '../rollout/shared-prompts.ts'
import type { Preference } from './preference.ts'
import type { Judged } from './reward.ts'

/** How a causal language model is asked which of two answers is better. */
export interface JudgeOptions {
  /** Token ids of the question, ending where the model says which: answer A is the first. */
  readonly ask: (
    prompt: readonly number[],
    answers: { a: readonly number[]; b: readonly number[] },
  ) => readonly number[]
  /** Tokens of the two verdicts, such as those of `A` and `B`. */
  readonly verdicts: readonly [a: number, b: number]
  readonly device: Device
  readonly batchSize?: number
}

/**
 * A language model as judge: P(A)/(P(A) + P(B)) of its next token, averaged over both orders, which takes out its liking for a
 * place (RLAIF, Lee et al. 2023, addressing position bias). Call `dispose` when done.
 */
export function lmJudge(
  { architecture, parameters }: { architecture: Architecture; parameters: Parameters },
  { ask, verdicts: [first, second], device, batchSize = 16 }: JudgeOptions,
): Preference & { readonly dispose: () => Promise<void> } {
  const program = value<[Parameters, ReturnType<typeof lastStates>], Tensor>(
    (weights, { text, last }) => {
      const { hidden } = architecture.trunk(weights, { ...text, places: last })
      const scores = logits(architecture, weights, hidden)
      const one = (token: number) => scores.slice(1, token, token + 1).squeeze(1)
      return one(first).sub(one(second)).sigmoid()
    },
    { device },
  )
  const preferred = (a: readonly Judged[], b: readonly Judged[]) => {
    const questions = a.map(({ prompt, completion }, row): Sequence => {
      const ids = ask(prompt, { a: completion, b: b[row]!.completion })
      return { prompt: ids.slice(0, -1), completion: ids.slice(-1) }
    })
    return scoreByPrompt(
      questions,
      batchSize,
      async (rows) => (await program(parameters, lastStates(rows))).data,
    )
  }
  const judge: Preference = async (a, b) => {
    const [straight, swapped] = [await preferred(a, b), await preferred(b, a)]
    return straight.map((probability, row) => (probability + 1 - swapped[row]!) / 2)
  }
  return Object.assign(judge, { dispose: program.dispose })
}
