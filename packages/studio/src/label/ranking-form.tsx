import {
  type Announcements,
  closestCenter,
  DndContext,
  KeyboardSensor,
  PointerSensor,
  type UniqueIdentifier,
  useSensor,
  useSensors,
} from '@dnd-kit/core'
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from '@dnd-kit/sortable'
import { CSS } from '@dnd-kit/utilities'
import { useState } from 'react'
import { IconButton } from '../design/button.tsx'
import { Icon } from '../design/icon.tsx'
import { useToast } from '../design/toast.tsx'
import { useKey } from '../keyboard/keyboard.tsx'
import { Prose } from '../text/prose.tsx'
import { type EarlierRanking, earlierRanking } from './earlier.ts'
import { type FormProps, letter } from './form.ts'
import { SubmitBar } from './submit-bar.tsx'

/** Enter alone never begins to drag: with Control it submits, wherever the focus is. */
const keyboardCodes = { start: ['Space'], cancel: ['Escape'], end: ['Space', 'Enter', 'Tab'] }

/** Places that tie with the next one. */
export function tiedPlaces({ order, tied }: EarlierRanking): number[] {
  return order.flatMap((index, place) => (tied.includes(index) && place < order.length - 1 ? place : []))
}

/** What a screen reader says of a drag: letters and places, as they stand on the page. `shown` and `order` hold indices. */
export function announcementsOf(shown: readonly number[], order: readonly number[]): Announcements {
  const name = ({ id }: { id: UniqueIdentifier }) => letter(shown.indexOf(Number(id) - 1))
  const place = ({ id }: { id: UniqueIdentifier }) =>
    `place ${order.indexOf(Number(id) - 1) + 1} of ${order.length}`
  return {
    onDragStart: ({ active }) => `Picked up ${name(active)}, at ${place(active)}.`,
    onDragOver: ({ active, over }) =>
      over ? `${name(active)} is over ${place(over)}.` : `${name(active)} is over no place.`,
    onDragEnd: ({ active, over }) =>
      over ? `${name(active)} was put down at ${place(over)}.` : `${name(active)} was put down where it was.`,
    onDragCancel: ({ active }) => `${name(active)} was not moved.`,
  }
}

/** Several answers put in order, best first: by dragging, with the arrows, or with the number of a place. */
export function RankingForm({ task, protocol, submit, keep }: FormProps) {
  const [begun] = useState(() => earlierRanking(task.draft, task.order.length))
  const [draft, setDraft] = useState(begun ?? { order: task.order, tied: [] })
  const [touched, setTouched] = useState(begun !== undefined)
  const [asked, setAsked] = useState(false)
  const { announce } = useToast()
  const change = (next: EarlierRanking) => {
    setDraft(next)
    setTouched(true)
    keep(next)
  }
  const move = (index: number, place: number) => {
    const from = draft.order.indexOf(index)
    const to = Math.max(0, Math.min(draft.order.length - 1, place))
    if (from === to) return
    change({ ...draft, order: arrayMove([...draft.order], from, to) })
    announce(`${letter(task.order.indexOf(index))} is now at place ${to + 1}`)
  }
  const hand = () => {
    if (!touched && !asked) return setAsked(true)
    const ties = tiedPlaces(draft)
    submit({ kind: 'ranking', order: [...draft.order], ...(ties.length > 0 && { ties }) }, draft)
  }
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates, keyboardCodes }),
  )
  return (
    <>
      <DndContext
        sensors={sensors}
        collisionDetection={closestCenter}
        accessibility={{ announcements: announcementsOf(task.order, draft.order) }}
        onDragEnd={({ active, over }) => {
          if (over) move(Number(active.id) - 1, draft.order.indexOf(Number(over.id) - 1))
        }}
      >
        <SortableContext items={draft.order.map((index) => index + 1)} strategy={verticalListSortingStrategy}>
          <ol className="ranking">
            {draft.order.map((index, place) => (
              <Ranked
                key={index}
                index={index}
                place={place}
                last={place === draft.order.length - 1}
                name={letter(task.order.indexOf(index))}
                text={task.item.completions[index]!.text}
                move={move}
                tied={draft.tied.includes(index)}
                tie={
                  protocol.allowTie
                    ? (on) =>
                        change({
                          ...draft,
                          tied: on ? [...draft.tied, index] : draft.tied.filter((other) => other !== index),
                        })
                    : undefined
                }
              />
            ))}
          </ol>
        </SortableContext>
      </DndContext>
      <PlaceKeys count={draft.order.length} move={move} />
      <SubmitBar submit={hand}>
        <span className={asked && !touched ? 'notice warn' : 'muted small'} role="status">
          {asked && !touched
            ? 'You have not moved anything. Submit again to hand it in as shown.'
            : 'Best at the top. Drag, or use the arrows.'}
          {!(asked && !touched) && (
            <span className="on-desk"> A number moves the answer that has the focus to that place.</span>
          )}
        </span>
      </SubmitBar>
    </>
  )
}

interface RankedProps {
  readonly index: number
  readonly place: number
  readonly last: boolean
  readonly name: string
  readonly text: string
  readonly move: (index: number, place: number) => void
  readonly tied: boolean
  readonly tie?: (on: boolean) => void
}

function Ranked({ index, place, last, name, text, move, tied, tie }: RankedProps) {
  const { attributes, listeners, setNodeRef, transform, transition, isDragging } = useSortable({
    id: index + 1,
  })
  return (
    <li
      ref={setNodeRef}
      data-rank={index}
      className={isDragging ? 'ranked dragging' : 'ranked'}
      style={{ transform: CSS.Translate.toString(transform), transition }}
    >
      <div className="place" aria-hidden="true">
        {place + 1}
      </div>
      <article className="ranked-text" aria-label={`${name}, place ${place + 1}`}>
        <h2>{name}</h2>
        <Prose text={text} />
      </article>
      <div className="ranked-tools">
        <IconButton
          icon="up"
          name={`Move ${name} up`}
          disabled={place === 0}
          onClick={() => move(index, place - 1)}
        />
        <button
          type="button"
          className="icon-button grip"
          {...attributes}
          {...listeners}
          aria-label={`Drag ${name}`}
        >
          <Icon name="grip" />
        </button>
        <IconButton
          icon="down"
          name={`Move ${name} down`}
          disabled={last}
          onClick={() => move(index, place + 1)}
        />
      </div>
      {tie && !last && (
        <label className="tie">
          <input type="checkbox" checked={tied} onChange={(event) => tie(event.target.checked)} />
          <span>as good as the next</span>
        </label>
      )}
    </li>
  )
}

/** The number keys move the answer that has the focus. */
function PlaceKeys({ count, move }: { count: number; move: (index: number, place: number) => void }) {
  return Array.from({ length: Math.min(9, count) }, (_, place) => (
    <PlaceKey key={place + 1} place={place} move={move} />
  ))
}

function PlaceKey({ place, move }: { place: number; move: (index: number, place: number) => void }) {
  useKey(`rank.${place + 1}`, () => {
    const focused = document.activeElement?.closest<HTMLElement>('[data-rank]')
    if (focused) move(Number(focused.dataset.rank), place)
  })
  return null
}
