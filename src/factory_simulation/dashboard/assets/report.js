// On paper a chart is as wide as the page, and its colours are for a light ground.
"use strict";
const PAPER_PX = 690;
const charts = () => document.querySelectorAll(".js-plotly-plot");
const shown = new Map();

function inPaperColours(part) {
  const colours = Object.entries(ON_PAPER);
  return JSON.parse(colours.reduce((text, [from, to]) => text.replaceAll(from, to), JSON.stringify(part)));
}

// Drawn anew: what is drawn already changes bit by bit, which paper does not wait for.
addEventListener("beforeprint", () => {
  for (const chart of charts()) {
    const { data, layout } = chart;
    const size = { autosize: false, width: PAPER_PX, height: chart.clientHeight };
    const printed = { ...inPaperColours(layout), ...size };
    shown.set(chart, { data, layout });
    Plotly.newPlot(chart, inPaperColours(data), printed, CONFIG);
  }
});
addEventListener("afterprint", () => {
  for (const [chart, { data, layout }] of shown) {
    Plotly.newPlot(chart, data, layout, CONFIG);
  }
  shown.clear();
});
