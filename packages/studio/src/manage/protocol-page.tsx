import { useChange } from '../api/context.tsx'
import { Button } from '../design/button.tsx'
import { Section } from '../design/page.tsx'
import { Failure } from '../design/state.tsx'
import { useToast } from '../design/toast.tsx'
import { useKept } from '../storage.ts'
import { useProject } from './project-page.tsx'
import { changesOf, draftOf, type ProtocolDraft, ProtocolFields, protocolOf } from './protocol-fields.tsx'

/** The version after this one: 1 → 2, and `a` → `a.2`. */
export function nextVersion(version: string): string {
  const match = /^(.*?)(\d+)$/.exec(version)
  return match ? `${match[1]}${Number(match[2]) + 1}` : `${version}.2`
}

/** What is changed and not saved yet: the fields that were touched alone, so that others' changes stand beside them. */
interface Unsaved {
  /** The version that it was begun on. */
  readonly base: string
  readonly changes: Partial<ProtocolDraft>
}

/** Changes the protocol under a new version, or puts the project away. */
export function ProtocolPage() {
  const project = useProject()
  const { protocol } = project
  const none = (base: string): Unsaved => ({ base, changes: {} })
  const [unsaved, setUnsaved, done] = useKept(`protocol.${project.id}`, none(protocol.version))
  const { say } = useToast()
  const forget = (version: string) => {
    setUnsaved(none(version))
    done()
  }
  const update = useChange('PATCH /api/projects/{id}', (saved) => {
    forget(saved.protocol.version)
    say('Saved.')
  })
  const archive = useChange('PATCH /api/projects/{id}')
  const version = nextVersion(protocol.version)
  const current = draftOf(protocol)
  const isTouched = Object.keys(unsaved.changes).length > 0
  const change = (draft: ProtocolDraft) =>
    setUnsaved({ base: isTouched ? unsaved.base : protocol.version, changes: changesOf(draft, current) })
  const draft = { ...current, ...unsaved.changes }
  return (
    <Section
      title="Protocol"
      lede={`Answers so far were given under version ${protocol.version}; what you change here becomes version ${version}.`}
    >
      <form
        className="form wide-form"
        onSubmit={(event) => {
          event.preventDefault()
          update.mutate({
            params: { id: project.id },
            body: { protocol: protocolOf(draft, version, protocol) },
          })
        }}
      >
        {isTouched && unsaved.base !== protocol.version && (
          <div className="notice warn" role="status">
            <span>
              Version {protocol.version} was saved after you began. The fields that you changed stand over it.
            </span>
            <Button size="small" onClick={() => forget(protocol.version)}>
              Begin from it
            </Button>
          </div>
        )}
        <ProtocolFields draft={draft} change={change} />
        {update.error && <Failure error={update.error} />}
        {archive.error && <Failure error={archive.error} />}
        <div className="row spread">
          <Button kind="primary" type="submit" disabled={update.isPending}>
            Save as version {version}
          </Button>
          <Button
            kind="danger"
            disabled={archive.isPending}
            onClick={() =>
              archive.mutate({ params: { id: project.id }, body: { archived: !project.archived } })
            }
          >
            {project.archived ? 'Bring it back' : 'Put the project away'}
          </Button>
        </div>
      </form>
    </Section>
  )
}
