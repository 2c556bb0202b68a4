/** How the page looks, in light and in dark, on a screen and on paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f6f7f9; --line: #d9dde3; --text: #1b1f24; --quiet: #5b6470; --grid: #e4e7ec;
  --migrated: #12806a; --already-there: #8fc4b7; --running: #2f6fde; --failed: #cc2f3c; --unknown: #d98a00;
  --skipped: #a3aab4; --cancelled: #6d7683; --planned: #d3d8df; --waiting: #b6a6e0; --bar: #5a7fb8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --panel: #1d2126; --line: #363c44; --text: #e6e9ed; --quiet: #9aa4b0; --grid: #2a2f36;
    --migrated: #35b596; --already-there: #3f7668; --running: #6ea2ff; --failed: #ff6b70; --unknown: #ffb84d;
    --skipped: #6f7782; --cancelled: #9aa3af; --planned: #434a54; --waiting: #8c7cc0; --bar: #7f9fd0;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(.75rem, 3vw, 2.5rem) 4rem; max-width: 84rem; background: var(--page);
  color: var(--text); font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem 1rem; border-bottom: 1px solid var(--line);
  padding-bottom: .8rem; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: .8rem; font-weight: 400; margin: 0; }
p { margin: .4rem 0; }
header p { flex-basis: 100%; margin: 0; color: var(--quiet); }
code, .id { font: .8em ui-monospace, "DejaVu Sans Mono", monospace; }
.quiet { color: var(--quiet); }
.pill { border-radius: 99px; padding: .15rem .7rem; font-size: .8rem; font-weight: 600; letter-spacing: .02em;
  border: 1.5px solid currentColor; }
.good { color: var(--migrated); } .bad { color: var(--failed); } .going { color: var(--running); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)); gap: .6rem; margin: 1rem 0; padding: 0; }
.tile { background: var(--panel); border-radius: .5rem; padding: .6rem .8rem; margin: 0; }
.tile b { display: block; font-size: 1.45rem; line-height: 1.25; font-weight: 600; white-space: nowrap; }
.tile span { color: var(--quiet); font-size: .85rem; }
.share { display: block; width: 100%; height: 18px; border-radius: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: .5rem 0 0; padding: 0; list-style: none;
  font-size: .85rem; }
.legend svg, td svg.mark { width: .75rem; height: .75rem; margin-right: .4rem; vertical-align: -.08rem; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 0 2.5rem; }
.columns > div { min-width: 0; }
.gantt { border: 1px solid var(--line); border-radius: .5rem; overflow-x: auto; background: var(--page); }
.gantt:focus-visible, .scroll:focus-visible { outline: 2px solid var(--running); }
.gantt svg { display: block; width: 100%; }
.axis { border-bottom: 1px solid var(--line); }
.axis text { fill: var(--quiet); font-size: 11px; }
.grid { stroke: var(--grid); }
.lane + .lane { border-top: 1px solid var(--line); }
.lane h3 { position: sticky; left: 0; width: fit-content; max-width: min(100%, 90vw); padding: .35rem .6rem .1rem; }
.lane svg { padding: 0; margin-bottom: .35rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; }
th { text-align: left; font-weight: 600; color: var(--quiet); white-space: nowrap; }
th, td { padding: .28rem .6rem .28rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.time, td.short { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.id, td .id { white-space: nowrap; } td.text { min-width: 14rem; } td.measure { width: 45%; min-width: 6rem; }
td.measure svg { display: block; width: 100%; height: 1rem; }
.measure rect { fill: var(--bar); } .measure.bad rect { fill: var(--failed); }
details > summary { cursor: pointer; font-size: 1.1rem; font-weight: 600; margin: 2.2rem 0 .6rem; }
.bar { stroke: var(--page); stroke-width: .6; }
.migrated { fill: var(--migrated); } .already-there { fill: var(--already-there); } .running { fill: var(--running); }
.failed { fill: var(--failed); } .unknown { fill: var(--unknown); } .skipped { fill: var(--skipped); }
.cancelled { fill: var(--cancelled); } .planned { fill: var(--planned); } .waiting { fill: var(--waiting); }
footer { margin-top: 3rem; color: var(--quiet); font-size: .85rem; }
@media print {
  html { font-size: 9.5px; }
  body { max-width: none; padding: 0; font-size: 9.5px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .gantt, .scroll { overflow: visible; }
  .plot { min-width: 0 !important; }
  .lane, tr, .tile { break-inside: avoid; }
  h2, h3, summary { break-after: avoid; }
  td.id, td.text { min-width: 0; }
  td, th { padding-right: .5rem; }
  td.id, td .id { font-size: 6.5px; }
  details td.id:last-child, details th:last-child { display: none; }
  thead { display: table-header-group; }
}
@page { margin: 12mm; }
`;
