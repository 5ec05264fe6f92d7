import type { Environment } from '@attune/control'

const protocol = (kind: string, question: string, rest: object = {}) => ({
  version: '1',
  kind,
  question,
  overlap: 1,
  shuffle: false,
  ...rest,
})

const texts = (prompt: string, ...completions: string[]) =>
  [0, 1, 2].map((i) => ({
    id: `item-${i}`,
    prompt,
    completions: completions.map((text) => ({ text })),
  }))

const textProjects = [
  {
    key: 'ranking',
    name: 'Explain it to a child',
    description: 'Four explanations each, best first.',
    protocol: protocol('ranking', 'Put the explanations in order, best first', {
      guidelines:
        'A good explanation is **true**, *short*, and needs no word that a child of eight has never heard.',
    }),
    items: texts(
      'Why is the sky blue?',
      'Sunlight is made of all colours. Air throws the blue part around the most, so blue comes to us from everywhere.',
      'Because of Rayleigh scattering, whose strength goes with `λ⁻⁴`.',
      'The sea is blue, and the sky mirrors it.',
      'Light from the sun bumps into the air. Blue light bumps the most, so the whole sky glows blue.',
    ),
  },
  {
    key: 'rating',
    name: 'How good are the summaries?',
    description: 'Each summary on three scales.',
    protocol: protocol('rating', 'How good is this summary?', {
      scales: [
        { name: 'Accuracy', low: 1, high: 7 },
        { name: 'Coverage', low: 1, high: 7 },
        {
          name: 'Style',
          low: 1,
          high: 5,
          labels: ['unreadable', 'clumsy', 'plain', 'clear', 'a pleasure'],
        },
      ],
      guidelines:
        '- **Accuracy**: nothing that the text does not say.\n- **Coverage**: nothing important is missing.\n- **Style**: would you print it?',
    }),
    items: texts(
      'The council met on Tuesday. After two hours it agreed, five votes to four, to close the bridge for repairs in May.',
      'By five votes to four the council decided to close the bridge in May so that it can be repaired.',
    ),
  },
  {
    key: 'rules',
    name: 'Are the answers safe?',
    description: 'Each answer against the house rules.',
    protocol: protocol('rule-check', 'Which rules does this answer break?', {
      rules: ['Says nothing false', 'Gives no dose of a medicine', 'Is polite'].map((text, i) => ({
        id: `rule-${i + 1}`,
        text,
      })),
      guidelines: 'Mark **where** a rule is broken, so that the reward model can learn from it.',
    }),
    items: texts(
      'My child has a fever. What should I do?',
      'Give 500 mg of paracetamol now, and let the child drink a lot. If the fever lasts for more than three days, see a doctor.',
    ),
  },
  {
    key: 'rewrite',
    name: 'Repair the answers',
    description: 'Answers that are nearly right.',
    protocol: protocol('edit', 'Rewrite the answer as it should be'),
    items: texts(
      'At which temperature does water boil?',
      'Water boils at 100 °C everywhere, and at a higher temperature on a mountain.',
    ),
  },
]

/** A small project of each kind whose form the documentation shows; the clips are of smooth actions in `environment`. */
export function formProjects(environment: Environment) {
  const clips = {
    key: 'clips',
    name: 'Who hops better?',
    description: 'Two clips of a hopper each.',
    protocol: protocol('clip-comparison', 'Which of the two hops better?', {
      guidelines: 'The better one **stays up** and **moves to the right**. If you cannot tell, say *tie*.',
    }),
    items: [0, 1, 2].map((i) => {
      const clips = [clipOf(environment, 2 * i), clipOf(environment, 2 * i + 1)]
      return {
        id: `pair-${i}`,
        prompt: '',
        clips: clips.map(({ id }) => id),
        completions: clips.map((clip) => ({ text: JSON.stringify(clip) })),
      }
    }),
  }
  return [...textProjects, clips]
}

/** A clip of 30 frames of an episode whose actions go up and down. */
function clipOf(environment: Environment, seed: number) {
  environment.reset(seed)
  const frames: unknown[] = []
  const size = environment.actionSpace.kind === 'box' ? environment.actionSpace.shape[0]! : 1
  for (let t = 0; t < 60; t++) {
    if (t % 2 === 0) frames.push(environment.drawing!())
    const action = Float32Array.from(
      { length: size },
      (_, joint) => 0.7 * Math.sin(t / (4 + seed) + joint * seed),
    )
    environment.step(environment.actionSpace.kind === 'box' ? action : Number(t % 3 === 0))
  }
  return { id: `clip-${seed}`, framesPerSecond: 20, frames }
}
