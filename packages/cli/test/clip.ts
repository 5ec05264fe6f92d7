import type { Clip } from '@attune/control'

/** A clip of one step in which nothing happens. */
export const clip = (id: string): Clip => ({
  id,
  steps: 1,
  observations: Float32Array.of(0),
  actions: Float32Array.of(0),
  rewards: Float32Array.of(0),
  infos: [undefined],
  from: { source: 's', index: 0, start: 0 },
})
