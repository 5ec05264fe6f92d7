import { useState } from 'react'
import { useCall } from '../api/context.tsx'
import { formatShare } from '../chart/scale.ts'
import { Field } from '../design/field.tsx'
import { Section } from '../design/page.tsx'
import { Scroll } from '../design/scroll.tsx'
import { Loaded } from '../design/state.tsx'
import { useProject } from './project-page.tsx'

/** Groups of people, how far each agrees within itself, and whose comparisons a reward model follows. */
export function Groups() {
  const { id } = useProject()
  const [reward, setReward] = useState('')
  const found = useCall('GET /api/models', { query: {} })
  const groups = useCall('GET /api/projects/{id}/groups', {
    params: { id },
    query: reward === '' ? {} : { reward },
  })
  const rewards = (found.data?.items ?? []).filter(({ kind }) => kind === 'reward')
  if (reward === '' && !groups.data?.groups.some(({ group }) => group !== null)) return null
  return (
    <Section
      title="Groups"
      lede="People whose preferences are looked at apart, and whom of them a reward model follows."
    >
      {rewards.length > 0 && (
        <Field label="Reward model">
          {(control) => (
            <select {...control} value={reward} onChange={({ target }) => setReward(target.value)}>
              <option value="">none</option>
              {rewards.map(({ id: model }) => (
                <option key={model}>{model}</option>
              ))}
            </select>
          )}
        </Field>
      )}
      <Loaded query={groups}>
        {({ groups: rows }) => (
          <Scroll label="Groups">
            <table>
              <thead>
                <tr>
                  <th scope="col">Group</th>
                  {['People', 'Answers', 'Agrees within', 'Followed by the model'].map((name) => (
                    <th scope="col" className="number" key={name}>
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map(({ group, people, judgments, agreement, followed }) => (
                  <tr key={group}>
                    <th scope="row">{group ?? 'without a group'}</th>
                    <td className="number">{people}</td>
                    <td className="number">{judgments}</td>
                    <td className="number">{formatShare(agreement)}</td>
                    <td className="number">{formatShare(followed)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
      </Loaded>
    </Section>
  )
}
