import { UserError } from '../errors.ts'
import type { MetricPoint } from './points.ts'

/** Most metrics that MLflow takes in one request. */
const batchSize = 1000

/** Most characters of a metric's name there. */
const longestName = 250

/** A run as MLflow knows it. */
export interface MlflowRun {
  readonly experiment: string
  readonly name: string
  /** Texts beside the run: recipe, paper, seed. */
  readonly params: Readonly<Record<string, string>>
  readonly points: readonly MetricPoint[]
}

/**
 * Writes a finished run to an MLflow tracking server in batches of its size, in the experiment of that name (made where it is missing).
 * Returns the run's id there. Throws with the server's own words when it refuses.
 */
export async function logToMlflow(
  server: string,
  { experiment, name, params, points }: MlflowRun,
): Promise<string> {
  const call = caller(server)
  const times = points.map(({ time }) => Math.round(time))
  const { run } = await call<{ run: { info: { run_id: string } } }>('runs/create', {
    experiment_id: await experimentId(call, experiment),
    run_name: name,
    start_time: times.reduce((a, b) => Math.min(a, b)),
  })
  const { run_id } = run.info
  await call('runs/log-batch', {
    run_id,
    params: Object.entries(params).map(([key, value]) => ({ key, value: value.slice(0, 500) })),
  })
  for (let first = 0; first < points.length; first += batchSize) {
    const metrics = points.slice(first, first + batchSize).map(({ name, value, step, time }) => ({
      key: allowedName(name),
      value: Number.isFinite(value) ? value : String(value),
      step,
      timestamp: Math.round(time),
    }))
    await call('runs/log-batch', { run_id, metrics })
  }
  await call('runs/update', { run_id, status: 'FINISHED', end_time: times.reduce((a, b) => Math.max(a, b)) })
  return run_id
}

type Call = <T = unknown>(path: string, body?: object) => Promise<T>

/** Calls of the server's REST interface: POST with a body, GET without. */
function caller(server: string): Call {
  const base = `${server.replace(/\/+$/, '')}/api/2.0/mlflow/`
  return async (path, body) => {
    const response = await fetch(`${base}${path}`, {
      headers: { 'content-type': 'application/json', ...authorization() },
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    }).catch((cause: Error) => {
      const reason = (cause.cause as Error | undefined)?.message ?? cause.message
      throw new UserError(`${server} cannot be reached (${reason})`)
    })
    const text = await response.text()
    if (response.ok) return JSON.parse(text)
    const refusal = new UserError(`${base}${path} answered ${response.status}: ${text.slice(0, 300)}`)
    throw Object.assign(refusal, { missing: response.status === 404 })
  }
}

/** MLflow's own variable for its access token. */
function authorization(): Record<string, string> {
  const token = process.env.MLFLOW_TRACKING_TOKEN
  return token ? { authorization: `Bearer ${token}` } : {}
}

async function experimentId(call: Call, name: string): Promise<string> {
  const query = `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`
  const known = await call<{ experiment: { experiment_id: string } }>(query).catch((cause) => {
    if (cause.missing) return undefined
    throw cause
  })
  if (known) return known.experiment.experiment_id
  return (await call<{ experiment_id: string }>('experiments/create', { name })).experiment_id
}

/** MLflow allows letters, digits, `_ - . : /` and spaces. */
function allowedName(name: string): string {
  return name.replace(/[^\w\-.:/ ]/g, '_').slice(0, longestName)
}
