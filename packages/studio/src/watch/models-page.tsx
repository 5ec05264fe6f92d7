import { useCall } from '../api/context.tsx'
import { ButtonLink } from '../design/button.tsx'
import { Page } from '../design/page.tsx'
import { Scroll } from '../design/scroll.tsx'
import { Empty, Loaded } from '../design/state.tsx'
import { when } from '../text/when.ts'

/** 4.2 M, 135 M, 1.1 B. */
export function parameterCount(count: number): string {
  const [divisor, unit] = count >= 1e9 ? [1e9, 'B'] : count >= 1e6 ? [1e6, 'M'] : [1e3, 'k']
  return `${Number((count / divisor).toPrecision(2))} ${unit}`
}

/** Every model that can be talked to or scores. */
export function ModelsPage() {
  const models = useCall('GET /api/models', { query: {} })
  return (
    <Page title="Models" lede="The models that came with Attune, and what runs have made of them.">
      <Loaded query={models}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No model yet">
              <p>Put a model folder in Hugging Face’s layout under models/, or finish a run.</p>
            </Empty>
          ) : (
            <Scroll label="Models">
              <table className="models">
                <thead>
                  <tr>
                    <th scope="col">Model</th>
                    <th scope="col">Kind</th>
                    <th scope="col" className="number">
                      Parameters
                    </th>
                    <th scope="col">Made</th>
                    <th scope="col">
                      <span className="hidden">Do</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((model) => (
                    <tr key={model.id}>
                      <th scope="row">
                        {model.id}
                        <span className="muted small block">{model.path}</span>
                      </th>
                      <td>{model.kind === 'lm' ? 'language model' : 'reward model'}</td>
                      <td className="number nowrap">{parameterCount(model.parameters)}</td>
                      <td className="nowrap">{when(model.createdAt)}</td>
                      <td className="number">
                        {model.kind === 'lm' && (
                          <ButtonLink to={`/chat?model=${encodeURIComponent(model.id)}`} size="small">
                            Talk
                          </ButtonLink>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          )
        }
      </Loaded>
    </Page>
  )
}
