import { calibrationChart, calibrationRows } from '../chart/calibration.ts'
import type { RewardModelReport } from '../data.ts'
import { formatNumber, formatPercent, formatSigned } from '../format.ts'
import { html, type Markup } from '../markup.ts'
import { judgedPairs } from './judged-pairs.ts'
import { dataTable } from './table.ts'

/** How far the reward model can be trusted: accuracy against what is possible, and calibration. */
export function rewardSection({
  accuracy,
  accuracyBefore,
  margin,
  noiseCeiling,
  pairs,
  calibration,
  categories = [],
  samples = [],
  mistakes = [],
}: RewardModelReport): Markup {
  const numbers = [
    ['Accuracy, held out', formatPercent(accuracy)],
    ...(accuracyBefore === undefined
      ? []
      : [['Before training, with a new head', formatPercent(accuracyBefore)]]),
    ...(margin === undefined ? [] : [['Margin, chosen less rejected', formatSigned(margin)]]),
    ...(noiseCeiling === undefined
      ? []
      : [
          ['What the annotators’ noise allows', formatPercent(noiseCeiling)],
          ['Share of it', formatPercent(accuracy / noiseCeiling)],
        ]),
    ['Held-out pairs', String(pairs)],
    ...categories.map((one) => [
      `Accuracy, ${one.category}`,
      `${formatPercent(one.accuracy)} of ${one.pairs}`,
    ]),
    ...(calibration ? [['Expected calibration error', formatNumber(calibration.error)]] : []),
  ]
  return html`<section id="reward"><h2>Can the reward be trusted?</h2>
<p class="lead">Comparisons that the reward model was not trained on. When it says 70${'\u202F'}%, annotators should choose that completion in 70${'\u202F'}% of the pairs.</p>
<div class="columns">${
    calibration &&
    calibration.bins.length > 0 &&
    html`<figure>${calibrationChart('calibration', calibration.bins)}${dataTable({
      summary: 'Numbers behind the diagram',
      caption: 'Calibration on held-out pairs',
      head: ['Bin', 'Predicted', 'Observed', 'Pairs'],
      rows: calibrationRows(calibration.bins),
    })}</figure>`
  }
<div class="aside">${calibration && html`<p class="muted">${reading(calibration)}</p>`}
<dl class="numbers">${numbers.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl></div></div>
${
  samples.length > 0 &&
  judgedPairs(samples, {
    title: 'Pairs it has not seen',
    lead: 'The first of them, not chosen, with the rewards before and after training.',
  })
}
${
  mistakes.length > 0 &&
  judgedPairs(mistakes, {
    title: 'Its surest mistakes',
    lead: 'Where it contradicts the annotators by the widest margin: read these before a policy is optimised against it.',
  })
}</section>`
}

function reading({ bins, error }: NonNullable<RewardModelReport['calibration']>): string {
  const pairs = bins.reduce((total, { count }) => total + count, 0)
  const lean =
    bins.reduce(
      (total, { predicted, observed, count }) =>
        total + count * Math.sign(predicted - 0.5) * (predicted - observed),
      0,
    ) / pairs
  const verdict =
    Math.abs(lean) < 0.02
      ? 'It is neither over- nor underconfident'
      : lean > 0
        ? 'It is overconfident: pairs are closer to even than it says'
        : 'It is underconfident: preferences are stronger than it says'
  return `${verdict}. On average its predictions miss by ${formatPercent(error)}. Bars through the points are 95\u202F% Wilson intervals; the columns below count the pairs of each bin.`
}
