import { join } from 'node:path'
import { distinctN, mean, winRate } from '@attune/feedback'
import { randomKey } from '@attune/grad'
import { generator, loadModel, type Model, writeFileAtomic } from '@attune/lm'
import type { Reward, Sequence } from '@attune/rlhf'
import { UserError } from '../errors.ts'
import { goldScores } from '../gold/gold.ts'
import type { EvaluateStage } from '../recipe/schema.ts'
import { Interrupted, type StageContext, sourcePath } from '../run/context.ts'
import { progress } from '../view/progress.ts'
import { shownPrompt } from '../view/prompt.ts'
import { sequenceKl } from './implicit-reward.ts'
import { loadReward } from './reward.ts'
import { endOfText, readPrompts } from './rows.ts'

interface Sampled {
  readonly sequences: readonly Sequence[]
  readonly texts: readonly string[]
  readonly gold: readonly number[]
  readonly rewards: readonly number[]
  readonly ended: number
}

/** Samples both policies on unseen prompts: gold win rate, KL, lengths, diversity, and best-of-n as a yardstick. */
export async function evaluateStageRun(
  stage: EvaluateStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const { device } = context
  const folderOf = (field: 'before' | 'after' | 'reward') =>
    sourcePath(stage[field], { ...context, kind: 'model', field: `${stage.name}.${field}` })
  const before = await loadModel(await folderOf('before'))
  const after = await loadModel(await folderOf('after'))
  const judge = await loadReward(await folderOf('reward'), device)
  const prompts = (await readPrompts(stage.prompts, after, stage.max_new_tokens)).slice(0, stage.items)
  if (prompts.length < stage.items)
    throw new UserError(
      `${stage.name}.items is ${stage.items}, but ${stage.prompts} has ${prompts.length} prompts`,
    )
  const view = progress(context.name, { steps: stage.best_of + 2, watch: [] })
  const sampleWith = (model: Model, round: number) =>
    sampleAll(model, { stage, context, prompts, reward: judge.reward, round })

  const ours = await sampleWith(after, 1)
  view.update(1, {})
  const rounds: Sampled[] = []
  for (let round = 0; round < Math.max(stage.best_of, 1); round++) {
    rounds.push(await sampleWith(before, round + 2))
    view.update(round + 2, {})
  }
  const theirs = rounds[0]!
  const kl = await sequenceKl(after, before, {
    sequences: ours.sequences,
    device,
    temperature: stage.temperature,
  })
  await judge.dispose()
  const result = {
    winRate: winRate(ours.gold, theirs.gold),
    kl: mean(kl),
    goldBefore: mean(theirs.gold),
    goldAfter: mean(ours.gold),
    rewardBefore: mean(theirs.rewards),
    rewardAfter: mean(ours.rewards),
    before: describe(theirs),
    after: describe(ours),
    bestOf: bestOfCurve(rounds),
    samples: prompts.slice(0, 24).map((prompt, i) => ({
      prompt: shownPrompt(after.tokenizer, prompt),
      before: { text: theirs.texts[i], gold: theirs.gold[i], reward: theirs.rewards[i] },
      after: { text: ours.texts[i], gold: ours.gold[i], reward: ours.rewards[i] },
    })),
  }
  await writeFileAtomic(join(context.folder, 'evaluation.json'), [JSON.stringify(result, null, 2)])
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  view.done(
    `win rate ${percent(result.winRate.value)} (${percent(result.winRate.low)} – ${percent(result.winRate.high)}) at KL ${result.kl.toFixed(2)} nats`,
  )
  const { samples: _, ...summary } = result
  return summary
}

interface Sampling {
  readonly stage: EvaluateStage
  readonly context: StageContext
  readonly prompts: readonly number[][]
  readonly reward: Reward
  readonly round: number
}

async function sampleAll(
  model: Model,
  { stage, context, prompts, reward, round }: Sampling,
): Promise<Sampled> {
  const sampler = generator(model.architecture, model.parameters, { device: context.device })
  const eos = endOfText(model)
  const sequences: Sequence[] = []
  let ended = 0
  for (let first = 0; first < prompts.length; first += stage.batch_size) {
    const batch = prompts.slice(first, first + stage.batch_size)
    const seed = randomKey(context.seed, 'evaluate', round, first).int(2 ** 31)
    const completions = await sampler.generate(batch, {
      maxNewTokens: stage.max_new_tokens,
      temperature: stage.temperature,
      endOfText: eos,
      seed,
    })
    completions.forEach(({ tokens, finishReason }, i) => {
      sequences.push({ prompt: batch[i]!, completion: tokens })
      if (finishReason === 'stop') ended++
    })
    if (context.signal.aborted)
      throw new Interrupted('stopped while evaluating; the stage starts again with the next run')
  }
  await sampler.dispose()
  const texts = sequences.map(({ completion }) => model.tokenizer.decode(completion))
  return {
    sequences,
    texts,
    gold: texts.map(goldScores[stage.gold]),
    rewards: await reward(sequences),
    ended,
  }
}

function describe({ texts, sequences, ended }: Sampled): Record<string, number> {
  return {
    meanLength: mean(sequences.map(({ completion }) => completion.length)),
    distinct1: distinctN(texts, 1),
    distinct2: distinctN(texts, 2),
    endedShare: ended / sequences.length,
  }
}

/** Gold and reward of the likeliest-rewarded of n samples; KL of best-of-n is log n − (n − 1)/n (Stiennon et al. 2020). */
function bestOfCurve(rounds: readonly Sampled[]): { n: number; kl: number; gold: number; reward: number }[] {
  const sizes = [1, 2, 4, 8, 16, 32, 64].filter((n) => n <= rounds.length)
  return sizes.map((n) => {
    const picks = rounds[0]!.gold.map((_, item) => {
      const candidates = rounds.slice(0, n)
      return candidates.reduce((best, round) => (round.rewards[item]! > best.rewards[item]! ? round : best))
    })
    return {
      n,
      kl: Math.log(n) - (n - 1) / n,
      gold: mean(picks.map((round, item) => round.gold[item]!)),
      reward: mean(picks.map((round, item) => round.rewards[item]!)),
    }
  })
}
