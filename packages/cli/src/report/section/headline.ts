import { bullet, dumbbell, intervalStrip, sparkline, stackedBar } from '../chart/marks.ts'
import type {
  EvaluationReport,
  PreferencesReport,
  ReportData,
  ReportStage,
  RewardModelReport,
} from '../data.ts'
import { formatDuration, formatNumber, formatPercent, formatSigned } from '../format.ts'
import { type Content, html, type Markup } from '../markup.ts'
import { namedMetrics } from '../metric-names.ts'
import { evenly, metricNames, seriesOf } from '../series.ts'
import { totalSeconds } from './masthead.ts'

/** The numbers to know, each with a small picture. */
export function headline(data: ReportData): Markup | undefined {
  const { rewardModel, preferences, evaluation, stages } = data
  const cards = [
    rewardModel && accuracyCard(rewardModel),
    ...(preferences ? preferenceCards(preferences) : []),
    ...(evaluation ? [winCard(evaluation), goldCard(evaluation), klCard(evaluation, stages)] : []),
    ...(rewardModel || preferences || evaluation ? [] : trainingCards(stages)),
    totalSeconds(stages) > 0 && timeCard(stages),
  ].filter((card): card is Markup => card instanceof Object)
  if (cards.length === 0) return undefined
  return html`<section id="headline" aria-label="Headline numbers"><div class="headline">${cards}</div></section>`
}

interface Card {
  readonly title: string
  readonly figure: Content
  readonly picture?: Markup
  readonly text: Content
}

function card({ title, figure, picture, text }: Card): Markup {
  return html`<div class="card"><h3>${title}</h3><p class="figure">${figure}</p>${picture}<p>${text}</p></div>`
}

function accuracyCard({ accuracy, noiseCeiling, pairs }: RewardModelReport): Markup {
  const allowed =
    noiseCeiling !== undefined &&
    html`The annotators’ noise allows ${formatPercent(noiseCeiling)}; this is ${formatPercent(accuracy / noiseCeiling, 0)} of it.`
  return card({
    title: 'Reward accuracy',
    figure: formatPercent(accuracy),
    picture: bullet({ value: accuracy, limit: noiseCeiling, from: 0 }),
    text: [allowed, ` Held out: ${pairs} pairs.`],
  })
}

function preferenceCards({
  pairs,
  preferenceAccuracy,
  rewardMargin,
  likelihoodBefore,
  likelihoodAfter,
  kl,
}: PreferencesReport): Markup[] {
  return [
    card({
      title: 'Preference accuracy',
      figure: formatPercent(preferenceAccuracy),
      picture: bullet({ value: preferenceAccuracy, limit: undefined, from: 0 }),
      text: `The implicit reward on ${pairs} held-out pairs; before training it is even odds. Its mean margin is ${formatSigned(rewardMargin)}.`,
    }),
    card({
      title: 'Chosen is likelier',
      figure: html`<span class="from">${formatPercent(likelihoodBefore)}</span><span class="arrow"> → </span>${formatPercent(likelihoodAfter)}`,
      picture: dumbbell({ before: likelihoodBefore, after: likelihoodAfter, domain: [0, 1] }),
      text: 'Share of held-out pairs whose chosen completion has the higher log-probability per token.',
    }),
    ...(kl === undefined
      ? []
      : [
          card({
            title: 'KL from the start',
            figure: html`${formatNumber(kl)}<small>nats a sequence</small>`,
            text: 'Over completions of held-out prompts, shown below.',
          }),
        ]),
  ]
}

function winCard({ winRate, items }: EvaluationReport): Markup {
  return card({
    title: 'Win rate against before',
    figure: formatPercent(winRate.value),
    picture: intervalStrip(winRate),
    text: `95\u202F% interval ${formatPercent(winRate.low)} to ${formatPercent(winRate.high)}${items ? `, ${items} prompts` : ''}. The tick is even odds.`,
  })
}

function goldCard({ goldBefore, goldAfter, goldLearnt }: EvaluationReport): Markup {
  return card({
    title: 'Gold score, before → after',
    figure: html`<span class="from">${formatSigned(goldBefore)}</span><span class="arrow"> → </span>${formatSigned(goldAfter)}`,
    picture: dumbbell({ before: goldBefore, after: goldAfter, domain: goldDomain(goldBefore, goldAfter) }),
    text: `Mean over unseen prompts, ${formatSigned(goldAfter - goldBefore)}. ${goldLearnt ? 'A stage was rewarded by it.' : 'No stage was trained on it.'}`,
  })
}

function goldDomain(before: number, after: number): [number, number] {
  return Math.max(Math.abs(before), Math.abs(after)) <= 1 ? [Math.min(0, before, after), 1] : [0, after]
}

function klCard({ kl }: EvaluationReport, stages: readonly ReportStage[]): Markup {
  const trained = stages.filter(({ fromStart }) => fromStart)
  const curve = trained.flatMap(({ metrics }) => seriesOf(metrics, 'objective/kl').map(({ y }) => y))
  return card({
    title: 'KL from the start',
    figure: html`${formatNumber(kl)}<small>nats a sequence</small>`,
    ...(curve.length > 1 ? { picture: sparkline(evenly(curve, 80)) } : {}),
    text: curve.length > 1 ? 'On unseen prompts; the curve is the training run.' : 'On unseen prompts.',
  })
}

function timeCard(stages: readonly ReportStage[]): Markup {
  const timed = stages.flatMap(({ name, seconds }) => (seconds === undefined ? [] : [{ name, seconds }]))
  return card({
    title: 'Time',
    figure: formatDuration(totalSeconds(stages)),
    picture: stackedBar(timed),
    text: timed.map(({ name, seconds }) => `${name} ${formatDuration(seconds)}`).join(' · '),
  })
}

/** For a run of training alone: where the first metrics of its last stage began and ended. */
function trainingCards(stages: readonly ReportStage[]): Markup[] {
  const stage = [...stages].reverse().find(({ metrics }) => metrics.length > 0)
  if (!stage) return []
  return namedMetrics(stage.kind, metricNames(stage.metrics))
    .filter(([, { first }]) => first)
    .slice(0, 4)
    .flatMap(([name, { title, unit, note }]) => {
      const values = seriesOf(stage.metrics, name).map(({ y }) => y)
      if (values.length === 0) return []
      return card({
        title,
        figure: html`${formatNumber(values.at(-1)!)}${unit && html`<small>${unit}</small>`}`,
        ...(values.length > 1 ? { picture: sparkline(evenly(values, 80)) } : {}),
        text: [
          values.length > 1 && `From ${formatNumber(values[0]!)}`,
          note && `${values.length > 1 ? '; ' : ''}${note}`,
          '.',
        ],
      })
    })
}
