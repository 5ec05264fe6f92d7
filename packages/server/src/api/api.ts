import type { z } from '@hono/zod-openapi'
import * as arena from './arena.ts'
import type { Call, Endpoint } from './endpoint.ts'
import * as labelling from './labelling.ts'
import * as openai from './openai.ts'
import * as people from './people.ts'
import * as projects from './projects.ts'
import type * as records from './records.ts'
import * as runs from './runs.ts'
import * as selection from './selection.ts'
import * as session from './session.ts'

const modules = {
  ...session,
  ...projects,
  ...labelling,
  ...people,
  ...runs,
  ...arena,
  ...openai,
  ...selection,
}

type Modules = typeof modules

/** Names of exports that are endpoints. */
type EndpointName = { [N in keyof Modules]: Modules[N] extends Endpoint ? N : never }[keyof Modules]

/** Every endpoint by its name: nothing else is answered. */
export type Endpoints = Pick<Modules, EndpointName>

export const endpoints = Object.fromEntries(
  Object.entries(modules).filter(([, value]) => 'method' in value && 'access' in value),
) as unknown as Endpoints

/**
 * The API as a type, for clients: `Api['POST /api/projects/{id}/claim']` has `params`, `query`, `body` and `response`.
 * A client fills the `{…}` of the key with `params` and sends the rest.
 */
export type Api = {
  [E in Endpoints[EndpointName] as `${Uppercase<E['method']>} ${E['path']}`]: Call<E>
}

export type Account = z.output<typeof session.account>
export type Protocol = z.output<typeof records.protocol>
export type Project = z.output<typeof projects.projectView>
export type Item = z.output<typeof records.item>
export type Lease = z.output<typeof records.lease>
export type Answer = z.input<typeof records.answer>
export type NewItem = z.input<typeof records.newItem>
export type Progress = z.output<typeof records.progress>
export type Selection = z.output<typeof selection.selection>
export type Run = z.output<typeof runs.run>
export type ModelEntry = z.output<typeof runs.model>
export type Agreement = z.output<(typeof labelling.readAgreement)['response']>
export type Leaderboard = z.output<(typeof arena.arenaLeaderboard)['response']>
