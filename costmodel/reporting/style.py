"""The page around a report's content: HTML frame, style sheet, and the script that draws the figures."""

from string import Template

FRAME = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:">
<meta name="generator" content="costmodel">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
$content
</main>
$scripts
</body>
</html>
""")

STYLE = """
:root { color-scheme: light; --ink: #1b1f24; --grey: #57606a; --rule: #d9dde3; --shade: #f6f7f9; --link: #0072b2; }
* { box-sizing: border-box; }
body { margin: 0; background: white; color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif;
}
main { max-width: 952px; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .5rem 0 1rem; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.75rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 0 0 .4rem; }
p, li { max-width: 46rem; }
.summary { font-size: 1.08rem; }
.quiet, figcaption { color: var(--grey); font-size: .92rem; }
figcaption { max-width: 46rem; margin-top: .3rem; }
figure { margin: 2.25rem 0 0; break-inside: avoid; }
.plot { width: 100%; }
.scroll { overflow-x: auto; margin: .75rem 0; }
.scroll:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .88rem; line-height: 1.35; }
td { font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--rule); }
thead th { border-bottom: 2px solid var(--ink); vertical-align: bottom; font-weight: 600; }
th:last-child, td:last-child { padding-right: 0; }
tbody th { font-weight: 600; white-space: nowrap; background: white; }
.number { text-align: right; white-space: nowrap; }
thead .number { white-space: normal; }
.costs tbody th { position: sticky; left: 0; }
.under { display: block; color: var(--grey); font-size: .92em; font-weight: 400; white-space: nowrap; }
.best { font-weight: 700; }
.unfit dt { font-weight: 600; margin-top: .6rem; }
.unfit dd { margin: 0 0 0 1rem; max-width: 46rem; }
details { border-bottom: 1px solid var(--rule); }
summary { cursor: pointer; padding: .5rem 0; }
.records .quiet { font-size: inherit; }
.records th:first-child { width: 24%; white-space: normal; overflow-wrap: anywhere; }
.records tbody th .under { white-space: normal; overflow-wrap: normal; }
.network { display: block; overflow: hidden; font-size: 13px; }
.network .name { font-weight: 600; fill: var(--ink); }
.network .what { fill: var(--grey); font-size: 12px; }
.network path { fill: none; stroke-width: 1.5; }
.network .edge { stroke: #8b939e; }
.network .loop { stroke: #d55e00; stroke-dasharray: 5 3; }
.network .rest circle { fill: #8b939e; }
.network marker path { stroke: none; fill: #8b939e; }
.network #back path { fill: #d55e00; }
.network .dense { fill: #c9dff0; }
.network .effective { fill: #0072b2; }
.key { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .4rem 0; padding: 0; font-size: .88rem; }
.swatch { display: inline-block; width: .8rem; height: .8rem; border-radius: 3px; margin-right: .2rem; vertical-align: -1px; }
.swatch { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
@media screen and (max-width: 640px) {
  .network .work { display: none; }
  body { font-size: 15px; }
  h1 { font-size: 1.5rem; }
  .records thead { display: none; }
  .records tr { display: block; border-bottom: 1px solid var(--rule); padding: .5rem 0; }
  .records th, .records td { display: block; border: 0; padding: 0; text-align: left; }
  .records th:first-child { width: auto; }
  .records .number, .records .kind, .records td .under { display: inline; margin-right: .7rem; }
}
@media print {
  @page { margin: 14mm; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  tr { break-inside: avoid; }
  .scroll { overflow: visible; }
  table { font-size: 7.2pt; }
  thead .number { white-space: normal; }
.costs tbody th { position: static; }
  .modebar-container { display: none; }
}
"""

SCRIPT = """
const figures = JSON.parse(document.getElementById("figures").textContent);
const narrow = matchMedia("screen and (max-width: 640px)");
const config = {responsive: true, displaylogo: false, showTips: false, modeBarButtons: [["toImage"]]};
const bare = {...config, displayModeBar: false};
const places = document.querySelectorAll("[data-figure]");
function draw() {
  for (const place of places) {
    const drawn = figures[place.dataset.figure][narrow.matches ? "narrow" : "wide"];
    Plotly.react(place, drawn.data, drawn.layout, narrow.matches ? bare : config);
  }
}
draw();
narrow.addEventListener("change", draw);
addEventListener("beforeprint", () => { for (const place of places) Plotly.relayout(place, {width: 680}); });
addEventListener("afterprint", draw);
"""
