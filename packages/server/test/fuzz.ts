import fc from 'fast-check'
import type { Browser, Loose } from './harness.ts'

/** A JSON Schema, as far as OpenAPI documents of this server use it. */
interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
}

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: Schema }[]
  readonly requestBody?: { content: Readonly<Record<string, { schema: Schema }>> }
  readonly responses: Readonly<Record<string, unknown>>
}

/** An OpenAPI document. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

/** Values that ids are tried with: real ones, so that requests get past the first check. */
export interface Known {
  readonly ids: readonly string[]
}

const evilTexts = [
  '',
  ' ',
  '\u0000',
  '../../etc/passwd',
  "' OR 1=1 --",
  '<script>',
  '\ud800',
  '💥'.repeat(50),
  'a'.repeat(5000),
  '%s%n',
  '{{7*7}}',
  '__proto__',
  'NaN',
  '-1',
]
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(...evilTexts, null, -1, 1e308, 2 ** 53, [], {}),
)

/** Values that mostly fit a schema, and sometimes do not. */
function generated(schema: Schema, document: Document, known: Known, depth = 0): fc.Arbitrary<unknown> {
  const inner = (part: Schema) => generated(part, document, known, depth + 1)
  const fitting = (): fc.Arbitrary<unknown> => {
    if (schema.$ref) return inner(document.components!.schemas![schema.$ref.split('/').at(-1)!]!)
    const union = schema.anyOf ?? schema.oneOf
    if (union) return fc.oneof(...union.map(inner))
    if (schema.allOf) return fc.tuple(...schema.allOf.map(inner)).map((parts) => Object.assign({}, ...parts))
    if (schema.enum) return fc.constantFrom(...schema.enum)
    if (schema.const !== undefined) return fc.constant(schema.const)
    const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0]
    if (type === 'object' || schema.properties) {
      if (depth > 6) return fc.constant({})
      const fields = Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, part]) => [name, inner(part)]),
      )
      return fc.record(fields, { requiredKeys: [...(schema.required ?? [])] })
    }
    if (type === 'array') {
      if (schema.prefixItems) return fc.tuple(...schema.prefixItems.map(inner))
      return fc.array(schema.items ? inner(schema.items) : anything, { maxLength: 4 })
    }
    if (type === 'integer' || type === 'number') {
      const { minimum = -1000, maximum = 1000 } = schema
      const [min, max] = [Math.max(minimum, -1e6), Math.min(maximum, 1e6)]
      return fc.oneof(fc.integer({ min: Math.ceil(min), max: Math.floor(max) }), fc.constantFrom(min, max))
    }
    if (type === 'boolean') return fc.boolean()
    if (type === 'null') return fc.constant(null)
    if (type === 'string')
      return fc.oneof(
        fc.constantFrom(...known.ids),
        fc.string({ maxLength: 40 }),
        fc.constantFrom(...evilTexts),
      )
    return anything
  }
  return fc.oneof({ weight: 14, arbitrary: fitting() }, { weight: 1, arbitrary: anything })
}

/** A request made from the description. */
interface FuzzedRequest {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly headers: Record<string, string>
  readonly operation: Operation
}

/** Requests of all operations, ill-formed ones among them. */
export function requests(document: Document, known: Known): fc.Arbitrary<FuzzedRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  return fc.oneof(
    ...operations.map(({ path, method, operation }) => {
      const parameters = fc.tuple(
        ...(operation.parameters ?? []).map((one) => generated(one.schema, document, known)),
      )
      const schema = operation.requestBody?.content['application/json']?.schema
      const body = schema ? generated(schema, document, known) : fc.constant(undefined)
      return fc.record({ parameters, body }).map(({ parameters, body }): FuzzedRequest => {
        let url = path
        const query = new URLSearchParams()
        const headers: Record<string, string> = {}
        operation.parameters?.forEach((one, i) => {
          const text = String(parameters[i])
          if (one.in === 'path')
            url = url.replace(`{${one.name}}`, encodeURIComponent(wellFormed(text)) || 'x')
          if (one.in === 'query' && (one.required || i % 2 === 0)) query.set(one.name, text)
          if (one.in === 'header') headers[one.name] = text.replace(/[^\x21-\x7e]/g, '') || 'fuzzed-key'
        })
        return {
          method: method.toUpperCase(),
          path: query.size > 0 ? `${url}?${query}` : url,
          body,
          headers,
          operation,
        }
      })
    }),
  )
}

/** Operations that start processes or models, or end our own session. */
const tooHeavy = new Set([
  'startRun',
  'startLoop',
  'resumeRun',
  'projectFromSamples',
  'arenaRound',
  'chatCompletions',
  'completions',
  'score',
  'events',
  'runEvents',
  'logout',
  'login',
  'readSession',
])

/** Sends requests; throws at the first 500, or status that the description does not know. Returns how often each status came. */
export async function fuzz(
  call: Browser['call'],
  { document, known, count, seed }: { document: Document; known: Known; count: number; seed: number },
): Promise<Map<number, number>> {
  const statuses = new Map<number, number>()
  const light = requests(document, known).filter(({ operation }) => !tooHeavy.has(operation.operationId))
  const heavy = requests(document, known).filter(
    ({ operation }) =>
      tooHeavy.has(operation.operationId) &&
      !['events', 'runEvents', 'logout'].includes(operation.operationId),
  )
  const send = async (request: FuzzedRequest) => {
    const { status, json } = await call(
      request.method,
      request.path,
      request.body === undefined ? undefined : JSON.stringify(request.body),
      request.headers,
    )
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    const isKnown = String(status) in request.operation.responses
    if (status >= 500 && status !== 503) throw new Error(`${status} ${JSON.stringify(json)}`)
    if (!isKnown) throw new Error(`${status} is not described: ${JSON.stringify(json)}`)
    if (status >= 400 && typeof (json as Loose).error?.code !== 'string')
      throw new Error(`${status} without an error's JSON`)
  }
  await fc.assert(fc.asyncProperty(light, send), {
    numRuns: Math.round(count * 0.95),
    seed,
    endOnFailure: true,
  })
  await fc.assert(fc.asyncProperty(heavy, send), {
    numRuns: Math.round(count * 0.05),
    seed,
    endOnFailure: true,
  })
  return statuses
}

/** Half a surrogate pair cannot be in an address. */
function wellFormed(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text))
}
