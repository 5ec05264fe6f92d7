import { ndarray, type Parameters } from '@attune/grad'
import { loraConfig, type Model, withLora } from '@attune/lm'
import { rewardHead, valueHead } from '@attune/rlhf'
import type { LoraFields } from '../recipe/fields.ts'

/**
 * The reward model as a critic, its head scaled to the normalised reward so that V is the score at the start: its own copy of the
 * parameters, or an adapter over the reward model's arrays with a head of its own.
 */
export function criticFrom(
  reward: Model,
  { lora, path, seed }: { lora: LoraFields | undefined; path: string; seed: number },
): Model {
  const head = normalisedHead(reward)
  if (!lora) return { ...reward, parameters: { ...copied(reward.parameters), ...head } }
  const config = loraConfig({
    ...lora,
    task_type: 'SEQ_CLS',
    modules_to_save: [rewardHead],
    base_model_name_or_path: path,
  })
  const adapted = withLora(reward, config, { seed })
  return { ...adapted, parameters: { ...adapted.parameters, ...head } }
}

/** w·h becomes (w·h − mean)/deviation, as `normalisedReward` has it. */
function normalisedHead({ config, parameters }: Model): Parameters {
  const { reward_mean: average = 0, reward_deviation: deviation = 1 } = config as {
    reward_mean?: number
    reward_deviation?: number
  }
  const { data, shape } = parameters[`${rewardHead}.weight`]!
  return {
    [`${rewardHead}.weight`]: ndarray(
      data.map((w) => w / deviation),
      shape,
    ),
    [`${rewardHead}.bias`]: ndarray([-average / deviation], [1]),
  }
}

/** The policy, or its adapter, with a value head of zeros: V = 0 at the start (Ziegler et al. 2019). */
export function withValueHead(model: Model): Model {
  const { width } = model.architecture
  const head = {
    [`${valueHead}.weight`]: ndarray(new Float32Array(width), [1, width]),
    [`${valueHead}.bias`]: ndarray(new Float32Array(1), [1]),
  }
  return { ...model, parameters: { ...model.parameters, ...head } }
}

/** The policy alone, as it is saved. */
export function withoutValueHead(model: Model): Model {
  const own = Object.entries(model.parameters).filter(([name]) => !name.startsWith(`${valueHead}.`))
  return { ...model, parameters: Object.fromEntries(own) }
}

function copied(parameters: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { data, shape }]) => [name, ndarray(data.slice(), shape)]),
  )
}
