import { Link } from 'react-router'
import { useCall, useChange } from '../api/context.tsx'
import { useNavigateFromHere } from '../api/navigate.ts'
import { Button } from '../design/button.tsx'
import { Field } from '../design/field.tsx'
import { Page } from '../design/page.tsx'
import { Failure, Loaded } from '../design/state.tsx'
import { useKept } from '../storage.ts'

/** Starts a recipe: one that comes with Attune, changed or not. */
export function NewRunPage() {
  const recipes = useCall('GET /api/recipes', { query: {} })
  const navigate = useNavigateFromHere()
  const start = useChange('POST /api/runs', (run) => {
    doneName()
    doneText()
    navigate(`/runs/${run.name}`)
  })
  const [name, setName, doneName] = useKept('new-run.name', '')
  const [text, setText, doneText] = useKept('new-run.recipe', '')
  return (
    <Page
      title="Start a run"
      kicker={<Link to="/runs">Runs</Link>}
      lede="Choose a recipe. Its numbers carry the paper’s symbols; change what you like before it starts."
    >
      <div className="split">
        <Loaded query={recipes}>
          {({ items }) => (
            <ul className="recipes">
              {items.map((recipe) => (
                <li key={recipe.id}>
                  <button
                    type="button"
                    aria-pressed={text === recipe.text}
                    onClick={() => setText(recipe.text)}
                  >
                    <strong>{recipe.name}</strong>
                    <span className="small">{recipe.description}</span>
                    <span className="small muted">{recipe.paper}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault()
            start.mutate({ body: { recipe: text, ...(name && { name }) } })
          }}
        >
          <Field label="Name" hint="Lower-case letters, digits and hyphens. Empty: the recipe’s own name.">
            {(control) => (
              <input
                {...control}
                pattern="[a-z0-9-]{1,80}"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label="Recipe (YAML)">
            {(control) => (
              <textarea
                {...control}
                className="code"
                rows={18}
                spellCheck={false}
                required
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </Field>
          {start.error && <Failure error={start.error} />}
          <div>
            <Button kind="primary" type="submit" icon="play" disabled={start.isPending || text.trim() === ''}>
              {start.isPending ? 'Starting …' : 'Start'}
            </Button>
          </div>
        </form>
      </div>
    </Page>
  )
}
