import { useState } from 'react'
import { Button } from '../design/button.tsx'
import { Field } from '../design/field.tsx'
import { Page } from '../design/page.tsx'
import { Failure } from '../design/state.tsx'
import { useAccountChange } from './session.tsx'

/** The login of someone who is not known yet: the whole window. */
export function LoginPage() {
  return (
    <main>
      <LoginForm />
    </main>
  )
}

/** Name and password; password managers and pasting work. */
export function LoginForm({ done }: { done?: () => void }) {
  const { login } = useAccountChange()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [error, setError] = useState<Error | null>(null)
  return (
    <Page
      title="Log in"
      kicker="Attune"
      lede="The person who runs this studio gives you a name and a password."
    >
      <form
        className="form login"
        onSubmit={(event) => {
          event.preventDefault()
          setError(null)
          login(name, password).then(done, setError)
        }}
      >
        <Field label="Name">
          {(control) => (
            <input
              {...control}
              autoComplete="username"
              required
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="Password" hint="On your own machine an account may have none.">
          {(control) => (
            <input
              {...control}
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        {error && <Failure error={error} />}
        <div>
          <Button kind="primary" type="submit">
            Log in
          </Button>
        </div>
      </form>
    </Page>
  )
}
