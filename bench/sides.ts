import { hasPeers, type Numbers, ours, peer } from './child.ts'
import { median } from './ours/report.ts'

/** What both sides measured one after the other; no peer where its environment is missing. */
export interface Round {
  readonly ours: Numbers
  readonly peer: Numbers | undefined
}

/** Runs workloads of `bench/ours` and `bench/peers` by turns, all of them in every round: a slow minute slows them all. */
export async function sideBySide<Name extends string>(
  names: readonly Name[],
  { rounds = 3 }: { readonly rounds?: number } = {},
): Promise<Record<Name, readonly Round[]>> {
  const measured = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Round[]>
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      measured[name].push({ ours: await ours(name), peer: hasPeers ? await peer(name) : undefined })
    }
  }
  return measured
}

/** The middle round of each side by a number that both report. */
export function medians(
  all: readonly Round[],
  read: (numbers: Numbers) => number,
): { ours: number; peer: number | null } {
  const peers = all.flatMap(({ peer }) => (peer ? [read(peer)] : []))
  return { ours: median(all.map(({ ours }) => read(ours))), peer: peers.length > 0 ? median(peers) : null }
}
