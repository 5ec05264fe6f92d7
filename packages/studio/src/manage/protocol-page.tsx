import { useChange } from '../api/context.tsx'
import { Button } from '../design/button.tsx'
import { Section } from '../design/page.tsx'
import { Failure } from '../design/state.tsx'
import { useToast } from '../design/toast.tsx'
import { useKept } from '../storage.ts'
import { useProject } from './project-page.tsx'
import { draftOf, ProtocolFields, protocolOf } from './protocol-fields.tsx'

/** The version after this one: 1 → 2, and `a` → `a.2`. */
export function nextVersion(version: string): string {
  const match = /^(.*?)(\d+)$/.exec(version)
  return match ? `${match[1]}${Number(match[2]) + 1}` : `${version}.2`
}

/** Changes the protocol under a new version, or puts the project away. */
export function ProtocolPage() {
  const project = useProject()
  const slot = `protocol.${project.id}.${project.protocol.version}`
  const [draft, setDraft, done] = useKept(slot, draftOf(project.protocol))
  const { say } = useToast()
  const update = useChange('PATCH /api/projects/{id}', () => {
    done()
    say('Saved.')
  })
  const version = nextVersion(project.protocol.version)
  return (
    <Section
      title="Protocol"
      lede={`Answers so far were given under version ${project.protocol.version}; what you change here becomes version ${version}.`}
    >
      <form
        className="form wide-form"
        onSubmit={(event) => {
          event.preventDefault()
          update.mutate({
            params: { id: project.id },
            body: { protocol: protocolOf(draft, version, project.protocol) },
          })
        }}
      >
        <ProtocolFields draft={draft} change={setDraft} />
        {update.error && <Failure error={update.error} />}
        <div className="row spread">
          <Button kind="primary" type="submit" disabled={update.isPending}>
            Save as version {version}
          </Button>
          <Button
            kind="danger"
            onClick={() =>
              update.mutate({ params: { id: project.id }, body: { archived: !project.archived } })
            }
          >
            {project.archived ? 'Bring it back' : 'Put the project away'}
          </Button>
        </div>
      </form>
    </Section>
  )
}
