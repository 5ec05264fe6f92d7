import { themeProperties } from './theme.ts'

/** The whole style sheet of a report. */
export function styleSheet(): string {
  return [themeProperties(), base, header, cards, sections, charts, samples, tables, narrow, print].join('\n')
}

const base = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 var(--sans);
--sans:"Inter",system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;
--serif:"Iowan Old Style","Charter","Palatino Linotype",Palatino,Georgia,"TeX Gyre Pagella","Source Serif 4","Liberation Serif",serif;
--mono:ui-monospace,"SF Mono","Cascadia Code",Menlo,Consolas,"DejaVu Sans Mono",monospace;
font-variant-numeric:tabular-nums;-webkit-font-smoothing:antialiased}
main,.masthead,footer{max-width:1120px;margin:0 auto;padding:0 32px}
p{margin:0 0 .8em;max-width:66ch}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:3px}
:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:2px}
code,pre{font-family:var(--mono);font-size:.86em}
.muted{color:var(--muted)}
.skip{position:absolute;left:-999px}
.skip:focus{left:16px;top:16px;background:var(--surface);padding:8px 14px}`

const header = `
.masthead{padding-top:64px}
.kicker{font-size:12px;letter-spacing:.09em;text-transform:uppercase;color:var(--muted);margin:0 0 14px}
.kicker b{color:var(--accent);font-weight:650}
h1{font:500 clamp(40px,6.4vw,68px)/1.02 var(--serif);letter-spacing:-.022em;margin:0 0 20px;overflow-wrap:anywhere}
.verdict{font:400 clamp(19px,2.3vw,24px)/1.42 var(--serif);max-width:40em;margin:0 0 18px}
.verdict strong{font-weight:600;color:var(--accent)}
.description{color:var(--muted);max-width:70ch}
.facts{display:flex;flex-wrap:wrap;gap:4px 26px;margin:22px 0 0;padding:0;font-size:13.5px;color:var(--muted)}
.facts div{display:flex;gap:7px}.facts dt{margin:0}.facts dd{margin:0;color:var(--ink)}
nav{border-top:1px solid var(--rule);margin-top:34px;padding:12px 0;font-size:14px}
nav ol{display:flex;flex-wrap:wrap;gap:4px 24px;list-style:none;margin:0;padding:0}
nav a{color:var(--muted);text-decoration:none}nav a:hover{color:var(--accent);text-decoration:underline}`

const cards = `
.headline{display:grid;grid-template-columns:repeat(auto-fit,minmax(196px,1fr));border-top:2px solid var(--ink);margin:0 0 8px}
.card{padding:18px 22px 20px 0;margin:0 22px 0 0;border-bottom:1px solid var(--rule);display:flex;flex-direction:column}
.card h3{font:600 13px/1.3 var(--sans);margin:0 0 8px;color:var(--muted)}
.card .figure{font:500 30px/1.1 var(--serif);letter-spacing:-.02em;margin:0 0 10px;color:var(--ink)}.figure>*{white-space:nowrap}
.figure small{font:400 14px/1 var(--sans);letter-spacing:0;color:var(--muted);margin-left:6px}
.figure .from{color:var(--before)}.figure .arrow{color:var(--muted);font-size:.62em;padding:0 .12em;vertical-align:.16em}
.card .strip{width:100%;max-width:230px;margin:0 0 10px}
.card p{font-size:13.5px;line-height:1.45;color:var(--muted);margin:0}`

const sections = `
section{margin:64px 0 0;scroll-margin-top:20px}
h2{font:500 32px/1.15 var(--serif);letter-spacing:-.015em;margin:0 0 10px}
.lead{color:var(--muted);margin-bottom:22px}
.stage{border-top:1px solid var(--rule);padding-top:20px;margin-top:30px}
.stage header{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 16px;margin-bottom:4px}
.stage h3{font:600 18px/1.3 var(--sans);margin:0}.stage h3 span{color:var(--muted);font-weight:400;margin-right:9px}
.stage header p{margin:0;font-size:13.5px;color:var(--muted)}
.stage>p{font-size:15px;color:var(--muted)}
.columns{display:grid;grid-template-columns:minmax(0,6fr) minmax(0,5fr);gap:44px;align-items:start}
.aside h3{font:600 15px/1.3 var(--sans);margin:0 0 6px}
dl.numbers{margin:18px 0 0}
dl.numbers div{display:flex;justify-content:space-between;gap:16px;padding:8px 0;border-top:1px solid var(--rule);font-size:14.5px}
dl.numbers dt{color:var(--muted)}dl.numbers dd{margin:0;text-align:right}`

const charts = `
.multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(290px,1fr));gap:26px 30px;margin-top:18px}
figure{margin:0;min-width:0}
.multiples figcaption{display:flex;align-items:baseline;justify-content:space-between;gap:10px;margin-bottom:2px;font-size:14px}
.multiples figcaption b{font-weight:600}.multiples figcaption span{color:var(--muted);font-size:12.5px;display:block;line-height:1.3}
.multiples .last{font-size:17px;font-weight:600;color:var(--accent);white-space:nowrap}
.chart{display:block;width:100%;height:auto;overflow:visible}
.chart text{font:11px var(--sans);fill:var(--muted)}
.grid{stroke:var(--grid);stroke-width:1}.base{stroke:var(--rule);stroke-width:1}
.raw{fill:none;stroke:var(--accent);stroke-opacity:.3;stroke-width:1}
.smooth{fill:none;stroke:var(--accent);stroke-width:1.9;stroke-linejoin:round;stroke-linecap:round}
.band{fill:var(--accent);fill-opacity:.11}
.end,.dot,.fill{fill:var(--accent)}
.reference line,.limit{stroke:var(--yardstick);stroke-width:1.5}.reference line{stroke-dasharray:4 3}
.chart .reference text{fill:var(--yardstick)}
.diagonal{stroke:var(--before);stroke-width:1;stroke-dasharray:3 4}
.interval{stroke:var(--accent);stroke-opacity:.5;stroke-width:1.4}
.counts rect{fill:var(--before);fill-opacity:.45}
.calibration-chart{max-width:520px}.chart .axis-title{font-size:12px}
.wide{overflow-x:auto}.wide .chart{min-width:560px}
.frontier-chart text{font-size:12px}
.training path{fill:none;stroke:var(--accent);stroke-opacity:.28;stroke-width:1}.training circle{fill:var(--accent)}
.yardstick>path{fill:none;stroke:var(--yardstick);stroke-width:1.6}
.yardstick .diamond{fill:var(--page);stroke:var(--yardstick)}.chart .yardstick text{fill:var(--yardstick)}
.policies circle{stroke:var(--page);stroke-width:2}
.policies circle.policy{fill:var(--accent)}.policies circle.start{fill:var(--before)}
.chart .policies text{font-size:14px;font-weight:650;fill:var(--accent);paint-order:stroke;stroke:var(--page);stroke-width:4px}
.chart .policies text.start{fill:var(--ink)}
.strip{display:block;height:auto;overflow:visible}
.track{fill:var(--grid)}.range{fill:var(--accent);fill-opacity:.32}.part{fill:var(--accent)}
.change{stroke:var(--accent);stroke-width:2.4;stroke-opacity:.55}
circle.before{fill:var(--page);stroke:var(--before);stroke-width:2.2}
.spark{fill:none;stroke:var(--accent);stroke-width:1.8;stroke-linejoin:round}
.hover line{stroke:var(--muted);stroke-width:1;stroke-dasharray:2 2}.hover circle{fill:var(--page);stroke:var(--accent);stroke-width:2}
.hover rect{fill:var(--ink)}.chart .hover text{fill:var(--page);font-weight:500}
.key{display:flex;flex-wrap:wrap;gap:4px 20px;font-size:13px;color:var(--muted);margin:10px 0 0;padding:0;list-style:none}
.key li{display:flex;align-items:center;gap:8px}.key svg{width:22px;height:12px;flex:none;overflow:visible}`

const samples = `
.pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 40px;border-top:1px solid var(--rule);padding:20px 0 22px}
.pair .prompt{grid-column:1/-1;font:400 15px/1.5 var(--serif);color:var(--muted);margin:0 0 10px;max-width:none;white-space:pre-line;overflow-wrap:anywhere}
.pair .prompt:before{content:attr(data-number);display:inline-block;min-width:2.1em;font:500 12px var(--sans);color:var(--muted)}
.completion{border-left:2px solid var(--before);padding-left:16px;display:flex;flex-direction:column}
.completion.after{border-color:var(--accent)}
.completion h4{font:600 12px/1.3 var(--sans);color:var(--muted);margin:0 0 5px}.completion.after h4{color:var(--accent)}
.completion blockquote{font:400 18px/1.5 var(--serif);margin:0 0 12px;overflow-wrap:anywhere;white-space:pre-wrap}
.completion .empty{font-style:italic;color:var(--muted)}
.scores{display:flex;flex-wrap:wrap;gap:4px 20px;margin:auto 0 0;font-size:13px;color:var(--muted)}
.scores div{display:flex;align-items:center;gap:7px}.scores dd{margin:0;color:var(--ink);display:flex;align-items:center;gap:8px}
.diverging{width:62px;height:10px}.diverging .limit{stroke:var(--rule);stroke-width:1}
.diverging .positive{fill:var(--accent)}.diverging .negative{fill:var(--negative)}`

const tables = `
details{margin-top:18px}
summary{cursor:pointer;font-size:14px;color:var(--accent);width:fit-content}
.scroll{overflow-x:auto;margin-top:12px}
table{border-collapse:collapse;font-size:13px;min-width:340px}
caption{text-align:left;color:var(--muted);padding-bottom:8px}
th,td{padding:5px 16px 5px 0;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
th:first-child,td:first-child{text-align:left}
thead th{font-weight:600;vertical-align:bottom;border-color:var(--rule);white-space:normal;min-width:76px}
tbody th{font-weight:500}
.monitors{width:100%}.monitors td,.monitors tbody th{padding:9px 14px 9px 0;font-size:14px}.monitors .strip{width:150px}
pre{background:var(--surface);border:1px solid var(--rule);border-radius:6px;padding:18px 20px;overflow-x:auto;line-height:1.6;margin:14px 0 0}
pre .name{color:var(--accent)}pre .comment{color:var(--muted)}
footer{margin-top:72px;padding-top:18px;padding-bottom:48px;color:var(--muted);font-size:13px}
footer p{border-top:1px solid var(--rule);padding-top:18px;max-width:none}`

const narrow = `
@media (max-width:760px){
main,.masthead,footer{padding:0 20px}.masthead{padding-top:36px}
.columns,.pair{grid-template-columns:minmax(0,1fr)}.columns{gap:30px}
.completion+.completion{margin-top:18px}
section{margin-top:52px}h2{font-size:27px}
.headline{grid-template-columns:repeat(2,minmax(0,1fr))}.card .figure{font-size:28px}.card{margin-right:14px;padding-right:0}
}
@media (max-width:430px){.headline{grid-template-columns:minmax(0,1fr)}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}`

const print = `
@media print{
body{font-size:10.5pt;background:#fff}main,.masthead,footer{max-width:none;padding:0}.masthead{padding-top:0}
nav,.skip,summary{display:none}
section{margin-top:30pt}.card,figure,.pair,tr{break-inside:avoid}h2,h3,.stage header{break-after:avoid}
pre{white-space:pre-wrap;border:0;padding:0}.multiples{grid-template-columns:repeat(3,1fr);gap:14pt}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}`
