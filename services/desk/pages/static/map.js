// The map is drawn by the server; this draws it anew when something changes, and opens the dispatch of a mark.

import { piece } from "./acts.js";
import { watch } from "./watching.js";

const PAUSE = 500;
const map = document.getElementById("map");
const { base, query, sequence } = map.dataset;
const asked = query ? `?${query}` : "";
let waiting = null;

async function draw() {
  waiting = null;
  const page = await piece(`${base}/map/drawing${asked}`);
  if (page === null) return;
  const focused = map.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  map.innerHTML = page;
  if (focused) map.querySelector(`a[href="${focused}"]`)?.focus();
}

map.addEventListener("click", (event) => {
  const mark = event.target.closest(".mark");
  if (mark) location.assign(`${base}/dispatch/${mark.dataset.dispatch}`);
});

watch(base, asked, sequence, {
  rows() {
    waiting ??= setTimeout(draw, PAUSE);
  },
});
