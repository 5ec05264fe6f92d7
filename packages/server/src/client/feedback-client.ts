/** Sends what an app's users think of an answer; a repeated `key` counts once. Throws when the server does not take it. */
export function feedbackClient({ url, apiKey }: { url: string; apiKey: string }) {
  return async (
    feedback: Feedback,
    key: string = crypto.randomUUID(),
  ): Promise<{ id: string; duplicate: boolean }> => {
    const headers = {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    }
    const response = await fetch(`${url}/v1/feedback`, {
      method: 'POST',
      headers,
      body: JSON.stringify(feedback),
    })
    if (!response.ok) throw new Error(`feedback was not taken: ${response.status} ${await response.text()}`)
    return response.json() as Promise<{ id: string; duplicate: boolean }>
  }
}

/** Thumbs on one answer, or the better of two. */
export type Feedback = {
  readonly prompt: string | readonly { readonly role: string; readonly content: string }[]
  /** Your own id of the user. */
  readonly user?: string
  readonly comment?: string
} & (
  | { readonly completion: string; readonly desirable: boolean; readonly model?: string }
  | {
      readonly completions: readonly [string, string]
      readonly preferred: 0 | 1 | 'tie' | 'both-bad'
      readonly models?: readonly [string, string]
    }
)
