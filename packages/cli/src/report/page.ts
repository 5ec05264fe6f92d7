import type { ReportData } from './data.ts'
import { html, Markup } from './markup.ts'
import { pageScript } from './script.ts'
import { frontierSection, monitorsSection } from './section/frontier.ts'
import { headline } from './section/headline.ts'
import { masthead } from './section/masthead.ts'
import { recipeSection } from './section/recipe.ts'
import { rewardSection } from './section/reward.ts'
import { samplesSection } from './section/samples.ts'
import { stagesSection } from './section/stages.ts'
import { styleSheet } from './style.ts'

/** One HTML file that needs nothing else: it loads nothing, and says so to the browser. Sections without data are left out. */
export function renderReport(data: ReportData): string {
  const { evaluation, frontier, rewardModel, samples = [], stages } = data
  const sections = [
    { id: 'headline', title: 'Headline', body: headline(data) },
    { id: 'samples', title: 'Before and after', body: samples.length > 0 && samplesSection(samples) },
    { id: 'frontier', title: 'Gold against KL', body: frontier && frontierSection(frontier) },
    { id: 'monitors', title: 'Length and diversity', body: evaluation && monitorsSection(evaluation) },
    { id: 'reward', title: 'Reward model', body: rewardModel && rewardSection(rewardModel) },
    { id: 'stages', title: 'Stages', body: stagesSection(stages) },
    { id: 'recipe', title: 'Recipe', body: recipeSection(data) },
  ].filter(({ body }) => body instanceof Markup)
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark"><title>${data.name} · Attune report</title>
<style>${new Markup(styleSheet())}</style></head>
<body><a class="skip" href="#content">Skip to the results</a>
${masthead(
  data,
  sections.filter(({ id }) => id !== 'headline'),
)}
<main id="content">${sections.map(({ body }) => body)}</main>
<footer><p>Made by Attune from the run’s own logs. This file loads nothing from anywhere.</p></footer>
<script>${new Markup(pageScript)}</script></body></html>
`.source
}
