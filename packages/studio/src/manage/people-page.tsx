import { useState } from 'react'
import { useAll, useChange } from '../api/context.tsx'
import { Button } from '../design/button.tsx'
import { Choices, Field } from '../design/field.tsx'
import { Section } from '../design/page.tsx'
import { Scroll } from '../design/scroll.tsx'
import { Failure, Loaded } from '../design/state.tsx'
import { useToast } from '../design/toast.tsx'
import { useSession } from '../shell/session.tsx'
import { useProject } from './project-page.tsx'

const roles = [
  ['annotator', 'Annotator'],
  ['reviewer', 'Reviewer'],
  ['admin', 'Admin'],
] as const

type Role = (typeof roles)[number][0]

/** Who may answer in this project, and a form for one more. */
export function PeoplePage() {
  const { id } = useProject()
  const people = useAll('GET /api/people', { query: {} })
  const update = useChange('PATCH /api/people/{id}')
  return (
    <div className="stack wide">
      <Section
        title="People"
        lede="Annotators answer. Reviewers also see agreement, runs and exports. Admins change things. Groups are people whose preferences are looked at apart: doctors and patients, say."
      >
        <Loaded query={people}>
          {({ items }) => (
            <Scroll label="People">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">Role</th>
                    <th scope="col">This project</th>
                    <th scope="col">Group</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((person) => {
                    const { projects } = person
                    const member = projects === 'all' || projects.includes(id)
                    const toggled =
                      projects === 'all'
                        ? []
                        : member
                          ? projects.filter((other) => other !== id)
                          : [...projects, id]
                    return (
                      <tr key={person.id}>
                        <th scope="row">{person.name}</th>
                        <td>{person.role}</td>
                        <td>
                          {projects === 'all' ? (
                            <span className="muted">all projects</span>
                          ) : (
                            <Button
                              size="small"
                              aria-pressed={member}
                              onClick={() =>
                                update.mutate({ params: { id: person.id }, body: { projects: toggled } })
                              }
                            >
                              {member ? 'Member' : 'Add'}
                            </Button>
                          )}
                        </td>
                        <td>
                          <GroupField
                            key={person.group}
                            person={person}
                            change={(group) => update.mutate({ params: { id: person.id }, body: { group } })}
                          />
                        </td>
                      </tr>
                    )
                  })}
                </tbody>
              </table>
            </Scroll>
          )}
        </Loaded>
        {update.error && <Failure error={update.error} />}
      </Section>
      <NewPerson project={id} />
    </div>
  )
}

/** The group whose preferences are looked at apart; it is saved when the field is left. */
function GroupField({
  person: { name, group },
  change,
}: {
  person: { readonly name: string; readonly group: string | null }
  change: (group: string | null) => void
}) {
  const [text, setText] = useState(group ?? '')
  const save = () => {
    const next = text.trim() || null
    if (next !== group) change(next)
  }
  return (
    <input
      className="narrow"
      aria-label={`Group of ${name}`}
      placeholder="none"
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={save}
      onKeyDown={(event) => event.key === 'Enter' && save()}
    />
  )
}

function NewPerson({ project }: { project: string }) {
  const { local } = useSession()
  const { say } = useToast()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState<Role>('annotator')
  const create = useChange('POST /api/people', (person) => {
    say(`${person.name} can log in now.`)
    setName('')
    setPassword('')
  })
  return (
    <Section title="Add a person">
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate({
            body: {
              name: name.trim(),
              role,
              projects: role === 'annotator' ? [project] : 'all',
              ...(password && { password }),
            },
          })
        }}
      >
        <div className="form-columns">
          <Field label="Name">
            {(control) => (
              <input
                {...control}
                required
                autoComplete="off"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field
            label="Password"
            hint={local ? 'On this machine it may stay empty.' : 'At least ten characters.'}
          >
            {(control) => (
              <input
                {...control}
                type="password"
                autoComplete="new-password"
                minLength={10}
                required={!local}
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
        </div>
        <Choices legend="Role" options={roles} value={role} onChange={setRole} />
        {create.error && <Failure error={create.error} />}
        <div>
          <Button kind="primary" type="submit" disabled={create.isPending}>
            Add
          </Button>
        </div>
      </form>
    </Section>
  )
}
