import type { Clip } from './clip.ts'

/** Mean evenness with the nearest car over a clip of Drive. */
export function evennessScore({ infos, steps }: Clip): number {
  return infos.reduce((total, info) => total + (info?.evenness ?? 0), 0) / steps
}
