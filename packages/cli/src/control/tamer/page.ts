import { escapeText } from '../../report/markup.ts'
import { tamerScript } from './page-script.ts'
import { tamerStyle } from './page-style.ts'

/** What the page says before anything happens. */
export interface TamerPage {
  /** The recipe's name. */
  readonly name: string
  readonly environment: string
  /** What people call each action. */
  readonly actions: readonly string[]
  /** Signals of earlier sessions. */
  readonly given: number
}

/** The page at which a person trains: the agent acts, two keys say good or bad, and Ĥ is seen to change. */
export function tamerPage(page: TamerPage): string {
  const data = JSON.stringify({ actions: page.actions, given: page.given }).replaceAll('<', '\\u003c')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Attune · train ${escapeText(page.name)}</title>
<link rel="icon" href="data:,">
<style>${tamerStyle}</style>
</head>
<body>
<header>
  <div>
    <h1>Train the agent</h1>
    <p class="quiet">${escapeText(page.environment)} · press when what it does is good or bad; it acts on what it thinks you will say</p>
  </div>
  <p id="state" role="status" aria-live="polite">connecting …</p>
</header>
<main>
  <section class="stage" aria-label="The agent">
    <figure>
      <canvas id="scene" width="960" height="640" role="img" aria-label="What the agent does"></canvas>
      <p id="cover"><button class="start" data-do="pause">Start <kbd>Space</kbd></button></p>
    </figure>
    <p id="doing" class="quiet">&nbsp;</p>
    <div class="verdicts">
      <button class="verdict bad" data-signal="-1"><span class="mark" aria-hidden="true">▼</span> Bad <kbd>↓</kbd> <kbd>−</kbd></button>
      <button class="verdict good" data-signal="1"><span class="mark" aria-hidden="true">▲</span> Good <kbd>↑</kbd> <kbd>+</kbd></button>
    </div>
    <div class="controls">
      <button data-do="slower">Slower <kbd>←</kbd></button>
      <button data-do="pause" id="pause">Start <kbd>Space</kbd></button>
      <button data-do="faster">Faster <kbd>→</kbd></button>
      <span id="speed" class="quiet"></span>
      <button data-do="stop" class="stop">Save and end</button>
    </div>
  </section>
  <section class="side" aria-label="What it has learnt">
    <dl>
      <div><dt>Episode</dt><dd id="episode">–</dd></div>
      <div><dt>Step</dt><dd id="step">–</dd></div>
      <div><dt>Return</dt><dd id="return">–</dd></div>
      <div><dt>Signals</dt><dd id="count">0</dd></div>
    </dl>
    <h2>What it thinks you will say</h2>
    <div id="values" role="img" aria-label="no step yet"></div>
    <p class="legend quiet"><span class="key chosen"></span> what it does <span class="key"></span> what it leaves</p>
    <h2>Your signals</h2>
    <ol id="signals"><li class="none quiet">None yet. A press is dated to what you saw a moment before.</li></ol>
    <h2>Episodes</h2>
    <div id="episodes" role="img" aria-label="no episode is over"></div>
    <p id="last" class="quiet">None is over yet.</p>
  </section>
</main>
<script>const page = ${data}
${tamerScript}</script>
</body>
</html>
`
}
