import { escapeText } from '../../report/markup.ts'
import { pageScript } from './page-script.ts'
import { pageStyle } from './page-style.ts'

/** The labelling page: two clips side by side that loop together, and the keys that answer. */
export function labelPage(question: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Attune · which clip is better?</title>
<link rel="icon" href="data:,">
<style>${pageStyle}</style>
</head>
<body>
<header>
  <h1>${escapeText(question)}</h1>
  <p id="progress" role="status" aria-live="polite"></p>
</header>
<main>
  <section id="clips">
    <button class="clip" data-answer="left"><canvas width="640" height="480" aria-label="left clip"></canvas><span class="hint"></span></button>
    <button class="clip" data-answer="right"><canvas width="640" height="480" aria-label="right clip"></canvas><span class="hint"></span></button>
  </section>
  <progress id="time" max="1" value="0" aria-label="time within the clips"></progress>
  <p id="message" hidden></p>
  <nav>
    <button data-answer="tie"></button>
    <button data-answer="skip"></button>
    <button data-action="undo"></button>
    <button data-action="pause"></button>
    <label>Speed <select id="speed"><option value="0.25">¼×</option><option value="0.5">½×</option><option value="1" selected>1×</option><option value="2">2×</option></select></label>
    <button data-action="keys">Keys …</button>
  </nav>
  <dialog id="keys"><form method="dialog"><h2>Keys</h2><p>Choose an answer, then press its key.</p><ul></ul><button>Done</button> <button type="button" data-action="reset">As at first</button></form></dialog>
</main>
<script>${pageScript}</script>
</body>
</html>
`
}
