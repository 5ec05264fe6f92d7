import { useState } from 'react'
import { useCall } from '../api/context.tsx'
import { Calibration, Histogram } from '../chart/bars.tsx'
import { formatNumber, formatShare } from '../chart/scale.ts'
import { Figures, Section } from '../design/page.tsx'

interface Sample {
  readonly step: number
  readonly prompt: string
  readonly completion: string
  readonly score?: number
  readonly kl?: number
}

const shownAtOnce = 8

/** What the policy wrote while it trained: pick a step; and how rewards were distributed first and last. */
export function TrainingSamples({ run, stage, live }: { run: string; stage: string; live: boolean }) {
  const query = useCall(
    'GET /api/runs/{name}/samples',
    { params: { name: run }, query: { stage } },
    { refetchInterval: live ? 5000 : false },
  )
  const rows = (query.data?.rows ?? []).filter(
    (row) => typeof row.completion === 'string' && typeof row.step === 'number',
  ) as unknown as Sample[]
  const steps = [...new Set(rows.map(({ step }) => step))].sort((a, b) => a - b)
  const [place, setPlace] = useState<number | null>(null)
  if (steps.length === 0) return null
  const index = Math.min(place ?? steps.length - 1, steps.length - 1)
  const step = steps[index]!
  const now = rows.filter((row) => row.step === step)
  const scores = (wanted: number) =>
    rows.filter((row) => row.step === wanted).flatMap(({ score }) => score ?? [])
  return (
    <Section title="Samples over time">
      <label className="step-picker">
        <span>
          Step {step} <span className="muted">of {steps.at(-1)}</span>
        </span>
        <input
          type="range"
          min={0}
          max={steps.length - 1}
          value={index}
          aria-valuetext={`step ${step}`}
          onChange={(event) => setPlace(Number(event.target.value))}
        />
      </label>
      <div className="samples-grid">
        <ul className="samples">
          {now.slice(0, shownAtOnce).map(({ prompt, completion, score, kl }) => (
            <li key={prompt + completion}>
              <p className="sample-text">
                <span className="muted">{prompt}</span>
                {completion}
              </p>
              <p className="muted small">
                {score !== undefined && `reward ${formatNumber(score)}`}
                {kl !== undefined && ` · KL ${formatNumber(kl)}`}
              </p>
            </li>
          ))}
        </ul>
        <Histogram
          title="Rewards at this step"
          values={scores(step)}
          before={index > 0 ? scores(steps[0]!) : undefined}
        />
      </div>
    </Section>
  )
}

interface HeldOutResult {
  readonly rewardAccuracy?: number
  readonly rewardAccuracyBefore?: number
  readonly allowedAccuracy?: number
  readonly pairs?: number
  readonly calibration?: {
    readonly bins: readonly { predicted: number; observed: number; count: number }[]
    readonly error: number
  }
}

/** The reward model on pairs that it has not seen. */
export function HeldOut({ run, stage }: { run: string; stage: string }) {
  const query = useCall('GET /api/runs/{name}/result', {
    params: { name: run },
    query: { stage, kind: 'held-out' },
  })
  const result = query.data as HeldOutResult | undefined
  if (!result) return null
  const { rewardAccuracy, rewardAccuracyBefore, allowedAccuracy, pairs, calibration } = result
  return (
    <Section title="On pairs it has not seen">
      <div className="samples-grid">
        <Figures
          figures={[
            {
              name: 'Accuracy',
              value: formatShare(rewardAccuracy),
              note: [
                `${pairs ?? 0} held-out pairs`,
                ...(rewardAccuracyBefore === undefined
                  ? []
                  : [`${formatShare(rewardAccuracyBefore)} before training`]),
                ...(allowedAccuracy === undefined
                  ? []
                  : [`the annotators’ noise allows ${formatShare(allowedAccuracy)}`]),
              ].join('; '),
            },
          ]}
        />
        {calibration && (
          <Calibration bins={calibration.bins.filter(({ count }) => count > 0)} error={calibration.error} />
        )}
      </div>
    </Section>
  )
}
