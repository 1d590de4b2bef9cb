// On paper a chart fits the page, and its colours are for a light ground.
"use strict";
const PAPER_PX = { width: 690, height: 960 };
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
    const height = chart.clientHeight;
    const size = { width: PAPER_PX.width, height: Math.min(height, PAPER_PX.height) };
    const printed = { ...inPaperColours(layout), ...size, autosize: false };
    shown.set(chart, { data, layout, height });
    chart.style.height = `${size.height}px`;
    Plotly.newPlot(chart, inPaperColours(data), printed, CONFIG);
  }
});
addEventListener("afterprint", () => {
  for (const [chart, { data, layout, height }] of shown) {
    chart.style.height = `${height}px`;
    Plotly.newPlot(chart, data, layout, CONFIG);
  }
  shown.clear();
});
