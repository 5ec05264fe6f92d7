import type { Answer } from '@attune/server'
import { type MouseEvent, useEffect, useRef, useState } from 'react'
import { Link, useParams } from 'react-router'
import { Button, ButtonLink } from '../design/button.tsx'
import { useTitle } from '../design/page.tsx'
import { useScrollStop } from '../design/scroll.tsx'
import { Empty, Failure, Loaded, Meter } from '../design/state.tsx'
import { useToast } from '../design/toast.tsx'
import { useKey, useKeyboard } from '../keyboard/keyboard.tsx'
import { useSession } from '../shell/session.tsx'
import { readStored, store } from '../storage.ts'
import { Prompt } from '../text/prompt.tsx'
import { Prose } from '../text/prose.tsx'
import type { DeskState, Task } from './desk-state.ts'
import { misfitOf } from './fit.ts'
import { FlagDialog } from './flag-dialog.tsx'
import type { FormProps } from './form.ts'
import { forms } from './forms.ts'
import { type LabelProject, useKeptProject } from './kept-project.ts'
import { duration, median, ownLeft } from './pace.ts'
import { SkipDialog } from './skip-dialog.tsx'
import { useDesk } from './use-desk.ts'

/** Where a person gives feedback, one task after the other. */
export function LabelPage() {
  const { id } = useParams()
  const { query, project } = useKeptProject(id!)
  return project ? <Work key={project.id} project={project} /> : <Loaded query={query}>{() => null}</Loaded>
}

function Work({ project: latest }: { project: LabelProject }) {
  const [project] = useState(latest)
  useTitle(`Label ${project.name}`)
  const { desk, state, clock } = useDesk(project)
  const { say, announce } = useToast()
  const { keyOf } = useKeyboard()
  const [asked, setAsked] = useState<{ readonly dialog: 'skip' | 'flag'; readonly item: string } | null>(null)
  const [guide, setGuide] = useState(() => readStored('guidelines', window.innerWidth > 1180))
  const toggleGuide = () => {
    store('guidelines', !guide)
    setGuide(!guide)
  }
  const { task } = state
  // a dialog belongs to the task it was opened for
  const dialog = asked?.item === task?.item.id ? asked?.dialog : undefined
  const ask = (which: 'skip' | 'flag') => task && setAsked({ dialog: which, item: task.item.id })
  const undo = () =>
    void desk
      .undo()
      .then((undone) =>
        say(undone ? 'Taken back. Answer it again.' : 'There is no answer of this sitting to take back.'),
      )
      .catch((error: Error) => say(`It could not be taken back: ${error.message}`))
  useKey('label.skip', () => ask('skip'), Boolean(task) && project.protocol.allowSkip)
  useKey('label.flag', () => ask('flag'), Boolean(task))
  useKey('label.undo', undo)
  useKey('label.guidelines', toggleGuide)
  const submit: FormProps['submit'] = (answer, draft, comment) => {
    try {
      if (desk.submit({ answer, draft, comment, seconds: clock.seconds() }))
        say('Saved.', { label: 'Undo', run: undo, hint: keyOf('label.undo') })
    } catch (error) {
      say((error as Error).message)
    }
  }
  const skip = async (reason: string) => {
    if (await desk.skip(reason)) announce('Skipped')
  }
  const flag = (answer: Answer) => {
    try {
      desk.flag(answer, clock.seconds())
      setAsked(null)
      say('Flagged. You can still judge it.')
    } catch (error) {
      say((error as Error).message)
    }
  }
  return (
    <div className={guide ? 'desk with-guide' : 'desk'}>
      <DeskBar project={project} state={state} guide={guide} toggleGuide={toggleGuide} undo={undo} />
      <div className="desk-main">
        {!task && <h1 className="hidden">{project.name}</h1>}
        <State state={state} project={project} retry={() => void desk.start()}>
          {(current) => (
            <TaskView
              key={`${current.item.id} ${state.handed.length} ${current.draftAt ?? 0}`}
              task={current}
              project={project}
              submit={submit}
              skip={(reason) =>
                void skip(reason).catch((error: Error) => say(`It could not be skipped: ${error.message}`))
              }
              keep={desk.keepDraft}
              ask={ask}
            />
          )}
        </State>
      </div>
      {guide && <Guidelines project={project} />}
      {dialog === 'skip' && <SkipDialog onClose={() => setAsked(null)} onSkip={skip} />}
      {dialog === 'flag' && task && (
        <FlagDialog item={task.item} order={task.order} onClose={() => setAsked(null)} onFlag={flag} />
      )}
    </div>
  )
}

function State({
  state,
  project,
  retry,
  children,
}: {
  state: DeskState
  project: LabelProject
  retry: () => void
  children: (task: Task) => React.ReactNode
}) {
  if (state.task) return children(state.task)
  if (state.status === 'failed' && state.error) return <Failure error={state.error} retry={retry} />
  if (state.status === 'loading')
    return (
      <p className="muted" role="status">
        Loading the next task …
      </p>
    )
  return (
    <Empty title="Nothing is left for you here.">
      <p>
        {state.paces.length > 0 ? `You answered ${state.paces.length} in this sitting. Thank you. ` : ''}
        {state.progress && state.progress.items === 0
          ? 'The project has no items yet.'
          : 'Everything is answered, or being answered by others. If someone gives an item back, it appears here.'}
      </p>
      <div className="row">
        <ButtonLink to={`/projects/${project.id}`} kind="primary">
          To the project
        </ButtonLink>
        <Button onClick={retry}>Look again</Button>
      </div>
    </Empty>
  )
}

interface TaskViewProps extends Omit<FormProps, 'protocol'> {
  readonly project: LabelProject
  readonly ask: (dialog: 'skip' | 'flag') => void
}

function TaskView({ task, project, submit, skip, keep, ask }: TaskViewProps) {
  const { protocol } = project
  const { keyOf } = useKeyboard()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    window.scrollTo({ top: 0 })
  }, [])
  return (
    <>
      <section className="prompt" aria-label="Prompt">
        <div className="row spread">
          <h1 ref={heading} tabIndex={-1}>
            {protocol.question || 'What do you think?'}
          </h1>
          <div className="row">
            {protocol.allowSkip && (
              <Button
                kind="plain"
                size="small"
                icon="skip"
                hint={keyOf('label.skip')}
                onClick={() => ask('skip')}
              >
                Skip
              </Button>
            )}
            <Button
              kind="plain"
              size="small"
              icon="flag"
              hint={keyOf('label.flag')}
              onClick={() => ask('flag')}
            >
              Flag
            </Button>
          </div>
        </div>
        {task.item.prompt !== '' && (
          <div className="prompt-text">
            <Prompt prompt={task.item.prompt} />
          </div>
        )}
      </section>
      {task.lapsed && (
        <p className="notice warn" role="status">
          The time for this task has run out, so others may be asked too. You can still answer or skip it.
        </p>
      )}
      <TaskForm task={task} protocol={protocol} submit={submit} skip={skip} keep={keep} />
    </>
  )
}

/** The form of the task's kind; of an item that it cannot ask for, why not. */
function TaskForm(props: FormProps) {
  const { task, protocol, skip } = props
  const Form = forms[protocol.kind]
  const misfit = misfitOf(task.item, protocol)
  if (!Form)
    return <p className="notice warn">The studio cannot show tasks of the kind “{protocol.kind}” yet.</p>
  if (misfit)
    return (
      <div className="notice warn">
        <p>{misfit} Whoever runs the project can put this right.</p>
        {protocol.allowSkip && <Button onClick={() => skip(`other: ${misfit}`)}>Skip this one</Button>}
      </div>
    )
  return (
    <div className="task-form" onClickCapture={ignoreSecond}>
      <Form {...props} />
    </div>
  )
}

/** The second click of a double click would answer the next task. */
function ignoreSecond(event: MouseEvent) {
  if (event.detail > 1 && (event.target as Element).closest('.decide')) event.stopPropagation()
}

interface DeskBarProps {
  readonly project: LabelProject
  readonly state: DeskState
  readonly guide: boolean
  readonly toggleGuide: () => void
  readonly undo: () => void
}

function DeskBar({ project, state, guide, toggleGuide, undo }: DeskBarProps) {
  const { keyOf } = useKeyboard()
  const { progress, paces } = state
  const pace = median(paces)
  const { account } = useSession()
  const left = progress ? ownLeft(progress, account.id) : 0
  // one's own answers, not the project's: those leave gold questions out, and a counter that stands still would give them away
  const done = progress?.perAnnotator.find(({ annotator }) => annotator === account.id)?.done ?? 0
  return (
    <div className="desk-bar">
      <Link to={`/projects/${project.id}`} className="desk-project">
        {project.name}
      </Link>
      {progress && (
        <div className="desk-progress">
          <Meter value={done} of={done + left} label="Your answers" />
          <span className="small muted">
            {done} of {done + left}
            {paces.length > 0 && ` · ${paces.length} now`}
            {pace !== null && ` · ${duration(pace)} each`}
            {pace !== null && left > 0 && ` · ${duration(pace * left)} left`}
          </span>
        </div>
      )}
      <div className="row desk-tools">
        <Button
          kind="plain"
          size="small"
          icon="undo"
          hint={keyOf('label.undo')}
          disabled={state.handed.length === 0}
          onClick={({ detail }) => detail < 2 && undo()}
        >
          Undo
        </Button>
        <Button
          kind="plain"
          size="small"
          icon="guide"
          hint={keyOf('label.guidelines')}
          aria-pressed={guide}
          onClick={toggleGuide}
        >
          Guidelines
        </Button>
      </div>
    </div>
  )
}

function Guidelines({ project }: { project: LabelProject }) {
  const ref = useRef<HTMLElement>(null)
  return (
    <aside ref={ref} className="guide" aria-label="Guidelines" {...useScrollStop(ref)}>
      <h2>Guidelines</h2>
      <Prose text={project.protocol.guidelines || 'No guidelines are written for this project.'} />
    </aside>
  )
}
