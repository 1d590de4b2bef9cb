// On paper a chart is as wide as the page, which is not as wide as the window.
"use strict";
const PAPER_PX = 690;
function draw(layout) {
  for (const chart of document.querySelectorAll(".js-plotly-plot")) {
    Plotly.relayout(chart, layout);
  }
}
addEventListener("beforeprint", () => draw({ autosize: false, width: PAPER_PX }));
addEventListener("afterprint", () => draw({ autosize: true, width: null }));
