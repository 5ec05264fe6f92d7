import type { Parameters } from '@attune/grad'
import type { StepRecord } from './types.ts'

/** π_ref ← α·π + (1 − α)·π_ref, in place (TR-DPO, Gorbatovski et al. 2024, soft update; α = 1 is the hard one). */
export function mixReference(reference: Parameters, policy: Parameters, alpha: number): void {
  for (const [name, { data }] of Object.entries(reference)) {
    const own = policy[name]?.data
    if (own?.length !== data.length)
      throw new TypeError(
        `the reference's '${name}' is not among the policy's parameters; both must be one model`,
      )
    for (let i = 0; i < data.length; i++) data[i] = alpha * own[i]! + (1 - alpha) * data[i]!
  }
}

/** The records of a trainer, with the reference moved towards the policy after every `every` steps. */
export async function* withMovingReference(
  records: AsyncGenerator<StepRecord>,
  {
    reference,
    policy,
    alpha,
    every,
  }: { reference: Parameters; policy: Parameters; alpha: number; every: number },
): AsyncGenerator<StepRecord> {
  for await (const record of records) {
    if (record.step % every === 0) mixReference(reference, policy, alpha)
    yield record
  }
}
