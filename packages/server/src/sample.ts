import { modelOf } from './models/find.ts'
import type { Services } from './services.ts'

/** What the first project is made of. */
export interface SampleProject {
  readonly model: string
  readonly prompts: readonly string[]
}

/** The project that a fresh studio shows. */
export const sampleProject = 'sample'

/**
 * Makes the sample project where there is none, with pairs sampled from a model; resolves when the first pairs are there,
 * and the rest come in the background. Returns whether it was made now.
 */
export async function makeSampleProject(
  { store, sampling, models }: Services,
  { model, prompts }: SampleProject,
): Promise<boolean> {
  if ((await store.projects.list()).length > 0) return false
  await store.projects.create({
    id: sampleProject,
    name: 'Which continuation is more hopeful?',
    description: `Pairs sampled from ${model}, a small language model of State of the Union addresses.`,
    protocol: {
      version: '1',
      kind: 'comparison',
      question: 'Which continuation is more hopeful?',
      guidelines: [
        'Read the beginning, then both continuations.',
        '',
        '- **Hopeful**: good things happen, or can be made to happen.',
        '- Grammar matters less: the model is small.',
        '- If both are about the same, say *tie*; if neither makes sense, *both bad*.',
      ].join('\n'),
      overlap: 2,
    },
  })
  const order = {
    project: sampleProject,
    model: modelOf(await models(), model),
    completionsPerPrompt: 2,
    maxNewTokens: 28,
    temperature: 0.7,
    topP: 1,
    seed: 1,
  }
  await sampling.start({ ...order, prompts: prompts.slice(0, 8) })
  if (prompts.length > 8) void sampling.start({ ...order, prompts: prompts.slice(8) })
  return true
}
