import type { Answer } from '@attune/server'
import { ClipPair } from '../clip/clip-pair.tsx'
import { Button } from '../design/button.tsx'
import { useKey, useKeyboard } from '../keyboard/keyboard.tsx'
import { earlierPreference } from './earlier.ts'
import type { FormProps } from './form.ts'

type Preferred = Extract<Answer, { kind: 'clip-comparison' }>['preferred']

/** Which of two clips is better: the arrows answer, as on the control package's own page. */
export function ClipForm({ task, protocol, submit, skip }: FormProps) {
  const texts = task.order.map((index) => task.item.completions[index]?.text ?? '')
  const hand = (preferred: Preferred) => submit({ kind: 'clip-comparison', preferred }, { preferred })
  const before = earlierPreference(task.draft).preferred
  const side = (place: number) => task.order[place] as 0 | 1
  const choices: readonly (readonly [id: string, name: string, preferred: Preferred])[] = [
    ['clip.left', 'A is better', side(0)],
    ...(protocol.allowTie
      ? ([
          ['clip.tie', 'Tie', 'tie'],
          ['clip.both-bad', 'Both bad', 'both-bad'],
        ] as const)
      : []),
    ['clip.right', 'B is better', side(1)],
  ]
  useKey('clip.skip', () => skip('unsure'), protocol.allowSkip)
  return (
    <>
      <ClipPair texts={texts} names={['A', 'B']} />
      <div className="decide">
        <div className="row clip-answers">
          {choices.map(([id, name, preferred]) => (
            <Choice
              key={id}
              id={id}
              name={name}
              chosen={before === preferred}
              choose={() => hand(preferred)}
            />
          ))}
        </div>
      </div>
    </>
  )
}

interface ChoiceProps {
  readonly id: string
  readonly name: string
  /** It was the answer before it was taken back. */
  readonly chosen: boolean
  readonly choose: () => void
}

function Choice({ id, name, chosen, choose }: ChoiceProps) {
  const { keyOf } = useKeyboard()
  useKey(id, choose)
  return (
    <Button hint={keyOf(id)} aria-pressed={chosen} onClick={choose}>
      {name}
    </Button>
  )
}
