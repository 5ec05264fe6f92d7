import { Component, type ReactNode } from 'react'
import { Button } from './button.tsx'

interface Props {
  /** Where the person is; going elsewhere shows pages again. */
  readonly place: string
  /** Forgets what the page was drawn from, so that another try reads it anew. */
  readonly forget?: () => void
  readonly children: ReactNode
}

/** Shows what failed in place of a page that cannot be drawn, and how to go on. */
export class ErrorBoundary extends Component<Props, { readonly error: Error | null }> {
  override state = { error: null as Error | null }

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override componentDidUpdate(before: Props) {
    if (this.state.error && before.place !== this.props.place) this.setState({ error: null })
  }

  private readonly again = () => {
    this.props.forget?.()
    this.setState({ error: null })
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    return <Broken error={error} again={this.again} />
  }
}

function Broken({ error, again }: { error: Error; again: () => void }) {
  return (
    <div className="page broken" role="alert">
      <h1>This page could not be shown</h1>
      <p className="lede">
        Nothing that you typed or answered is lost: it is kept in this browser and is there when the page
        works again.
      </p>
      <p className="notice bad">{error.message || error.name}</p>
      <div className="row">
        <Button kind="primary" onClick={again}>
          Try again
        </Button>
        <Button onClick={() => location.reload()}>Load the page anew</Button>
        <a className="button plain" href="/">
          To the projects
        </a>
      </div>
      {error.stack && (
        <details>
          <summary>Details for a report</summary>
          <pre className="recipe small">{error.stack}</pre>
        </details>
      )}
    </div>
  )
}
