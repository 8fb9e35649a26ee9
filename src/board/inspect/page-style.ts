/** The style sheet of the pages of hear inspect: no fonts, pictures or other files. */
export const PAGE_STYLE = `
:root {
  --ink: #1b1f27; --soft: #5a6372; --line: #dfe3ea; --panel: #f6f8fb; --bar: #c9dcf0; --accent: #14518f;
  --hit: #0072b2; --miss: #d55e00; --false-alarm: #b0588b;
  color-scheme: light;
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 76rem; color: var(--ink); background: #fff;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 0.25rem; }
p { margin: 0.25rem 0 0.75rem; max-width: 46rem; }
.soft, figcaption, caption { color: var(--soft); }
a { color: var(--accent); }
nav { margin-bottom: 3rem; }
nav ul { padding-left: 1.2rem; }
.result + .result { margin-top: 4rem; padding-top: 3rem; border-top: 2px solid var(--ink); }
.tiles { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 1.25rem 0 0.75rem; padding: 0; }
.tile { background: var(--panel); border-radius: 8px; padding: 0.6rem 0.9rem; min-width: 7rem; }
.tile dt { color: var(--soft); font-size: 0.82rem; overflow-wrap: anywhere; }
.tile dd { margin: 0; font-size: 1.35rem; font-weight: 600; line-height: 1.3; }
.tile dd small { font-size: 0.82rem; font-weight: 400; color: var(--soft); display: block; }
.tile.first { background: var(--accent); color: #fff; }
.tile.first dt, .tile.first dd small { color: #dce9f7; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; font-size: 0.82rem; color: var(--soft); border-bottom: 1px solid var(--ink); }
th, td { padding: 0.28rem 0.9rem 0.28rem 0; vertical-align: middle; }
td { border-bottom: 1px solid var(--line); }
th.number, td.number { text-align: right; white-space: nowrap; }
td.name, td.clip { min-width: 11rem; overflow-wrap: anywhere; }
.bar { width: 22%; min-width: 5.2rem; }
.bar > span { display: block; position: relative; height: 1.35rem; background: var(--panel); border-radius: 3px; }
.bar > span > i { position: absolute; inset: 0 auto 0 0; background: var(--bar); border-radius: 3px; }
.bar > span > b { position: relative; padding-left: 0.4rem; font-weight: 500; line-height: 1.35rem; }
td .undefined { color: var(--soft); font-style: italic; white-space: nowrap; }
details { margin-top: 0.75rem; }
summary { cursor: pointer; color: var(--accent); }
figure { margin: 0.5rem 0 1.5rem; }
figcaption { font-size: 0.9rem; margin-bottom: 0.25rem; overflow-wrap: anywhere; }
figcaption b { color: var(--ink); }
svg { display: block; font: 11px system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
svg text { fill: var(--ink); }
svg text.soft { fill: var(--soft); }
svg text.light { fill: #fff; }
.grid { stroke: var(--line); }
.frame { fill: none; stroke: #b9c1cd; }
.reference.hit, .swatch.hit { fill: var(--hit); background: var(--hit); }
.predicted.hit { fill: var(--hit); fill-opacity: 0.55; }
.reference.miss { fill: #fff; stroke: var(--miss); stroke-width: 1.5; }
.swatch.miss { border: 2px solid var(--miss); }
.predicted.false-alarm, .swatch.false-alarm { fill: var(--false-alarm); background: var(--false-alarm); }
.swatch { display: inline-block; width: 1.5rem; height: 0.7rem; border-radius: 2px; margin: 0 0.35rem 0 0.9rem; }
br + .swatch { margin-left: 0; }
@media (max-width: 640px) {
  h1 { font-size: 1.5rem; }
  .tile { flex: 1 1 40%; }
  th, td { padding-right: 0.6rem; }
  .bar { min-width: 4rem; }
  td.name, td.clip { min-width: 7.5rem; }
}
@media print { .wide { overflow: visible; } }
`
