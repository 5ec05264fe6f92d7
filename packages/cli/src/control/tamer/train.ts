import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  dot,
  type Environment,
  greedyReturns,
  makeEnvironment,
  recordedTrainer,
  type StateActionFeatures,
  simulatedTrainer,
  type TamerRecord,
  type TamerTrainer,
  tamer,
  trainerTaste,
} from '@attune/control'
import { newId } from '@attune/feedback'
import { ndarray } from '@attune/grad'
import { fileError, writeFileAtomic, writeSafetensors } from '@attune/lm'
import { stringify } from 'yaml'
import { UserError } from '../../errors.ts'
import { Interrupted } from '../../run/context.ts'
import { appendRow } from '../../run/jsonl.ts'
import { lockRun } from '../../run/lock.ts'
import { progress } from '../../view/progress.ts'
import { checkSameRecipe } from '../same-recipe.ts'
import { keptTrainer } from '../start-anew.ts'
import { delayOf } from './delay.ts'
import { type LiveTrainer, liveTrainer } from './live.ts'
import { actionNames, featuresOf } from './parts.ts'
import type { TamerRecipe } from './recipe.ts'
import { tamerServer } from './server.ts'
import { type SignalFile, signalFile } from './signal-file.ts'

/** What may change when a model is made again from its signals, or a run goes on; steps that were seen keep their own times. */
const mayChange = ['description', 'paper', 'trainer', 'seconds_per_step', 'evaluation_episodes']

/** How a recipe of TAMER is run. */
export interface TamerRunOptions {
  readonly runs: string
  /** Goes on after the signals that the run has. */
  readonly resume: boolean
  /** Makes the model again from the signals alone; nobody is asked. */
  readonly refit?: boolean
  readonly signal: AbortSignal
  /** Of the page at which a person trains; 0 takes any free one. */
  readonly port?: number
  readonly onPage?: (url: string) => void
}

/** Trains by signals of a person or a simulation; returns the run's folder, with signals, metrics, Ĥ and an evaluation. */
export async function trainTamer(recipe: TamerRecipe, options: TamerRunOptions): Promise<string> {
  const folder = join(options.runs, recipe.name)
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw fileError(folder, cause)
  })
  const release = await lockRun(folder)
  try {
    await prepare(folder, recipe, options)
    const file = await signalFile(folder)
    if (options.refit && file.steps.length === 0)
      throw new UserError(`${file.path} has no steps to make a model of; train first`)
    const kept = options.refit ? await keptTrainer<TamerRecipe['trainer']>(folder) : undefined
    const trainer = kept ?? recipe.trainer
    const free = options.resume ? [...mayChange, 'episodes'] : mayChange
    if (options.resume || options.refit) await checkSameRecipe(folder, { ...recipe, trainer }, free)
    await writeFileAtomic(join(folder, 'recipe.yaml'), [stringify({ ...recipe, trainer })])
    await rm(join(folder, 'metrics.jsonl'), { force: true }) // written again with the signals
    await follow(recipe, { ...options, folder, file })
    return folder
  } finally {
    await release()
  }
}

/** What a simulation left goes, a person's signals never do. Throws where they would. */
async function prepare(folder: string, { trainer }: TamerRecipe, options: TamerRunOptions): Promise<void> {
  const { resume, refit, signal } = options
  if (signal.aborted || refit) return
  const { path, given } = await signalFile(folder)
  const giver = given > 0 ? ((await keptTrainer(folder))?.kind ?? 'person') : undefined
  if (resume && trainer.kind === 'person' && giver !== 'simulated') return
  if (giver === 'person')
    throw new UserError(
      `${folder} holds ${given} signals of a person: go on with them by --resume and \`trainer.kind=person\`, or give the recipe another name`,
    )
  if (resume) throw new UserError(`${folder} holds no signals of a person; leave --resume out`)
  await rm(path, { force: true })
}

type Follow = TamerRunOptions & { readonly folder: string; readonly file: SignalFile }

async function follow(recipe: TamerRecipe, options: Follow): Promise<void> {
  const { folder, file, refit } = options
  const environment = watched(await makeEnvironment(recipe.environment, { maxSteps: recipe.max_steps }))
  const features = featuresOf(recipe, environment)
  const weights = new Float32Array(features.size)
  const live =
    recipe.trainer.kind === 'person' && !refit
      ? liveOf(recipe, { environment, features, weights, file })
      : undefined
  const server = live && (await pageOf(recipe, live, options, environment))
  const { trainer, flush } = refit
    ? { trainer: recordedTrainer(file.steps), flush: () => Promise.resolve() }
    : trainerOf(recipe, { live, file })
  try {
    const records = tamer(
      { environment, features, weights, trainer },
      {
        seed: recipe.seed,
        episodes: recipe.episodes,
        learningRate: recipe.learning_rate,
        secondsPerStep: recipe.seconds_per_step,
        delay: delayOf(recipe),
        memory: recipe.memory,
      },
    )
    await logged(recipe, records, { folder, live, flush, signal: options.signal })
    const mean = await save(recipe, { folder, environment, features, weights })
    live?.tell({
      kind: 'end',
      message: `Saved in ${folder}. Alone it returns ${mean}, over ${recipe.evaluation_episodes} episodes.`,
    })
  } catch (cause) {
    live?.tell({ kind: 'end', message: `It failed: ${(cause as Error).message}. Every signal is kept.` })
    throw cause instanceof RangeError ? new UserError(`${file.path}: ${cause.message}`) : cause
  } finally {
    await server?.close()
    environment.close?.()
  }
}

interface Logging extends Pick<Follow, 'folder' | 'signal'> {
  readonly live: LiveTrainer | undefined
  readonly flush: () => Promise<void>
}

async function logged(
  recipe: TamerRecipe,
  records: AsyncIterable<TamerRecord>,
  { folder, live, flush, signal }: Logging,
): Promise<void> {
  const watch = ['rollout/return', 'rollout/steps', 'tamer/signals', 'tamer/squared_error']
  const view = progress(recipe.environment, { steps: recipe.episodes, start: 0, watch })
  for await (const { step, metrics } of records) {
    await flush()
    await appendRow(join(folder, 'metrics.jsonl'), { step, ...metrics })
    view.update(step, metrics)
    const { 'rollout/return': total, 'rollout/steps': steps } = metrics
    live?.tell({ kind: 'episode', episode: step, return: total!, steps: steps! })
    if (!signal.aborted) continue
    if (recipe.trainer.kind === 'simulated' && step < recipe.episodes)
      throw new Interrupted(
        `stopped after episode ${step} of ${recipe.name}; without --resume it starts anew`,
      )
    break
  }
  view.done('')
}

/** An environment that counts for those who look on. */
function watched(environment: Environment) {
  const seen = { episode: 0, episodeSteps: 0, return: 0 }
  return {
    ...environment,
    seen,
    reset: (seed?: number) => {
      Object.assign(seen, { episode: seen.episode + 1, episodeSteps: 0, return: 0 })
      return environment.reset(seed)
    },
    step: (action: Parameters<Environment['step']>[0]) => {
      const step = environment.step(action)
      seen.episodeSteps++
      seen.return += step.reward
      return step
    },
  }
}

interface Parts {
  readonly environment: ReturnType<typeof watched>
  readonly features: StateActionFeatures
  readonly weights: Float32Array
}

function liveOf(
  recipe: TamerRecipe,
  { environment, features, weights, file }: Parts & { file: SignalFile },
): LiveTrainer {
  const { drawing } = environment
  if (!drawing) throw new UserError(`${recipe.environment} does not draw itself: nobody could watch it`)
  return liveTrainer({
    file,
    delay: delayOf(recipe),
    secondsPerStep: recipe.seconds_per_step,
    memory: recipe.memory,
    look: (observation) => ({
      ...environment.seen,
      drawing: drawing(),
      values: Array.from({ length: features.actions }, (_, action) =>
        dot(weights, features.of(observation, action)),
      ),
    }),
  })
}

async function pageOf(
  recipe: TamerRecipe,
  live: LiveTrainer,
  { file, port = 0, signal, onPage }: Follow,
  { actionSpace }: Environment,
) {
  const actions = actionNames(recipe.environment, actionSpace.kind === 'discrete' ? actionSpace.n : 0)
  const page = { name: recipe.name, environment: recipe.environment, actions, given: file.given }
  const server = await tamerServer(live, page, port)
  signal.addEventListener('abort', () => live.stop())
  if (signal.aborted) live.stop()
  onPage?.(server.url)
  return server
}

/** The trainer of a recipe, a person after what the file holds or a simulation; `flush` writes what the simulation said. */
function trainerOf(
  { trainer, seed, environment }: TamerRecipe,
  { live, file }: { live: LiveTrainer | undefined; file: SignalFile },
): { readonly trainer: TamerTrainer; readonly flush: () => Promise<void> } {
  if (trainer.kind === 'person')
    return { trainer: recordedTrainer(file.steps, live), flush: () => Promise.resolve() }
  const simulated = simulatedTrainer({ seed, values: trainerTaste(environment), ...trainer })
  const lines: Parameters<SignalFile['keep']>[0][number][] = []
  let step = 0
  return {
    trainer: {
      watch: async ({ action, start, end, ...seen }) => {
        const signals = (await simulated.watch({ action, start, end, ...seen })) ?? []
        for (const signal of signals) lines.push({ kind: 'signal', id: newId(), step, ...signal })
        lines.push({ kind: 'step', step: step++, action, start, end })
        return signals
      },
    },
    flush: () => file.keep(lines.splice(0)),
  }
}

/** Saves Ĥ as `model/`, plays greedily on it, and returns the mean return. */
async function save(
  recipe: TamerRecipe,
  { folder, environment, features, weights }: Parts & { folder: string },
): Promise<number> {
  const { environment: id, max_steps, features: kind } = recipe
  await mkdir(join(folder, 'model'), { recursive: true })
  const path = join(folder, 'model', 'human-reward.safetensors')
  await writeSafetensors(path, { weight: ndarray(weights, [weights.length]) })
  const card = { environment: id, max_steps, features: kind, actions: features.actions }
  await writeFileAtomic(join(folder, 'model', 'tamer.json'), [JSON.stringify(card)])
  const episodes = recipe.evaluation_episodes
  const returns = greedyReturns(
    { environment, features, weights },
    { seed: recipe.seed + 1_000_000, episodes },
  )
  const mean = Math.round((100 * returns.reduce((a, b) => a + b, 0)) / returns.length) / 100
  await writeFileAtomic(join(folder, 'evaluation.json'), [JSON.stringify({ mean, returns })])
  process.stderr.write(`return ${mean} over ${episodes} episodes: ${folder}/evaluation.json\n`)
  return mean
}
