/** Style of the labelling page; light and dark after the system. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1d2329; --paper: #ffffff; --line: #c8cdd3; --accent: #0b62a8; --quiet: #5a646e }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebee; --paper: #14181c; --line: #3a424a; --accent: #6fb3ec; --quiet: #9aa5af } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1200px; padding: 1rem 1.5rem; font: 16px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 2rem }
h1 { font-size: 1.35rem; margin: .25rem 0 } h2 { font-size: 1.1rem; margin: 0 }
#progress { margin: 0; color: var(--quiet) }
#clips { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; margin-top: .75rem }
button, select { font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 8px; padding: .45rem .9rem; cursor: pointer }
button:hover, button:focus-visible { border-color: var(--accent); outline: 2px solid var(--accent); outline-offset: 0 }
button:disabled { opacity: .5; cursor: default; outline: none }
.clip { padding: 0; overflow: hidden; display: flex; flex-direction: column }
.clip.chosen { border-color: var(--accent); outline: 4px solid var(--accent) }
canvas { width: 100%; height: auto; display: block }
.hint { padding: .5rem; text-align: center }
kbd { border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 5px; padding: 0 .4rem; font: inherit }
#time { width: 100%; height: 6px; margin: .75rem 0; accent-color: var(--accent) }
nav { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; justify-content: center }
#message { text-align: center; padding: 3rem 1rem; color: var(--quiet) }
#message.wrong { color: #c0392b }
dialog { color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 10px }
dialog ul { list-style: none; padding: 0 } dialog li { margin: .4rem 0; display: flex; justify-content: space-between; gap: 2rem }
@media (prefers-reduced-motion: no-preference) { .clip { transition: outline-color .1s } }
`
