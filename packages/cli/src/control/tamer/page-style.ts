import { themeProperties } from '../../report/theme.ts'

/** Style of the page: the report's colours, light and dark after the system. */
export const tamerStyle = `
${themeProperties()}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1240px; padding: clamp(12px, 2vw, 28px) clamp(14px, 3vw, 40px); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--ink); background: var(--page) }
h1, h2 { font-family: "Iowan Old Style", Charter, "Palatino Linotype", Georgia, serif; font-weight: 600; line-height: 1.2 }
h1 { font-size: 1.7rem; margin: 0 } h2 { font-size: 1.02rem; margin: 1.35rem 0 .55rem }
p { margin: 0 } .quiet { color: var(--muted); font-size: .92rem }
header { display: flex; flex-wrap: wrap; align-items: end; justify-content: space-between; gap: .4rem 2rem; padding-bottom: .9rem; border-bottom: 1px solid var(--rule) }
#state { font-size: .92rem; padding: .15rem .75rem; border: 1px solid var(--rule); border-radius: 99px; background: var(--surface) }
#state.wrong { color: var(--negative); border-color: var(--negative) }
main { display: grid; grid-template-columns: minmax(0, 1.75fr) minmax(260px, 1fr); gap: clamp(16px, 3vw, 40px); margin-top: 1.1rem }
figure { margin: 0; position: relative; border-radius: 12px; overflow: hidden; background: #ffffff; border: 1px solid var(--rule) }
canvas { display: block; width: 100%; height: min(54vh, 60vw); object-fit: contain }
#cover { position: absolute; inset: 0; display: grid; place-items: center; background: color-mix(in srgb, var(--page) 35%, transparent) }
#cover[hidden] { display: none }
figure.good { outline: 4px solid var(--accent) } figure.bad { outline: 4px solid var(--negative) }
#doing { margin: .55rem 0 .8rem; text-align: center; min-height: 1.5em; font-variant-numeric: tabular-nums }
button { font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--rule); border-radius: 9px; padding: .45rem .9rem; cursor: pointer; touch-action: manipulation }
button:hover { border-color: var(--ink) } button:disabled { opacity: .55; cursor: default }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
kbd { font: inherit; font-size: .8em; color: var(--muted); border: 1px solid var(--rule); border-bottom-width: 2px; border-radius: 5px; padding: 0 .35rem; background: var(--page) }
.start { font-size: 1.15rem; padding: .7rem 1.5rem; border-color: var(--ink) }
.verdicts { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem }
.verdict { font-size: 1.15rem; font-weight: 600; padding: .95rem; border-width: 2px }
.verdict kbd { font-weight: 400 }
.good .mark, li.good .mark { color: var(--accent) } .bad .mark, li.bad .mark { color: var(--negative) }
.verdict.good { border-color: var(--accent) } .verdict.bad { border-color: var(--negative) }
.verdict.pressed.good { background: var(--accent); color: var(--page) } .verdict.pressed.bad { background: var(--negative); color: var(--page) }
.verdict.pressed .mark { color: inherit }
.controls { display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: .55rem; margin-top: .9rem }
#speed { min-width: 8.5rem; text-align: center; font-variant-numeric: tabular-nums } .stop { margin-left: auto }
dl { display: grid; grid-template-columns: repeat(4, 1fr); gap: .5rem; margin: 0 }
dl div { padding: .5rem .6rem; border: 1px solid var(--rule); border-radius: 10px; background: var(--surface) }
dt { font-size: .78rem; color: var(--muted) } dd { margin: 0; font-size: 1.3rem; font-variant-numeric: tabular-nums; line-height: 1.25 }
#values { display: grid; gap: .4rem }
.row { display: grid; grid-template-columns: 7rem 1fr 3.4rem; align-items: center; gap: .6rem; font-size: .92rem; font-variant-numeric: tabular-nums }
.row b { font-weight: 400; text-align: right } .row.chosen { font-weight: 600 } .row.chosen b { font-weight: 600 }
.track { position: relative; height: 16px; border-radius: 4px; background: var(--grid) }
.track::after { content: ""; position: absolute; left: 50%; top: -2px; bottom: -2px; border-left: 1px solid var(--muted) }
.track i { position: absolute; top: 0; bottom: 0; background: var(--before); border-radius: 3px }
.chosen .track i { background: var(--accent) } .chosen.negative .track i { background: var(--negative) }
#values.board { grid-template-columns: repeat(10, 1fr); gap: 3px }
.cell { aspect-ratio: 1; max-height: 26px; width: 100%; border-radius: 4px; border: 1px solid var(--rule); background: var(--grid) }
.cell.chosen { outline: 3px solid var(--ink); outline-offset: 0 }
.legend { margin-top: .45rem; font-size: .82rem } .key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; background: var(--before); margin: 0 .15em 0 .6em } .key.chosen { background: var(--accent); margin-left: 0 }
.board + .legend .key { background: none; border: 1px solid var(--muted) } .board + .legend .key.chosen { border: 3px solid var(--ink) }
#signals { list-style: none; padding: 0; margin: 0; display: grid; gap: .25rem; min-height: 9.5rem; align-content: start }
#signals li { display: grid; grid-template-columns: 1.4rem 1fr auto; font-size: .92rem; padding: .12rem .2rem; border-bottom: 1px solid var(--grid) }
#signals li.none { display: block } #signals .time { color: var(--muted); font-variant-numeric: tabular-nums }
#episodes { display: flex; align-items: end; gap: 3px; height: 74px; border-bottom: 1px solid var(--muted) }
#episodes i { flex: 1 1 0; max-width: 22px; min-height: 2px; background: var(--before); border-radius: 3px 3px 0 0 } #episodes i:last-child { background: var(--accent) }
#last { margin-top: .35rem; font-variant-numeric: tabular-nums }
@media (max-width: 860px) { main { grid-template-columns: minmax(0, 1fr) } canvas { height: 58vw } .stop { margin-left: 0 } .verdict kbd { display: none } }
@media (max-width: 420px) { dl { grid-template-columns: 1fr 1fr } .row { grid-template-columns: 5.5rem 1fr 3rem } }
@media (prefers-reduced-motion: no-preference) { figure { transition: outline-color .15s } .track i { transition: all .12s linear } }
`
