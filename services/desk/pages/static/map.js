// The map is drawn by the server; this draws it anew when something changes, and opens the dispatch of a mark.

import { follow } from "./live.js";
import { piece } from "./acts.js";
import { presence } from "./presence.js";

const PAUSE = 500;
const map = document.getElementById("map");
const { base, query, sequence } = map.dataset;
const asked = query ? `?${query}` : "";
let line = null;
let waiting = null;

function start() {
  const there = presence(base, () => {
    line?.stop();
    start();
  });
  const handlers = {
    ...there,
    rows() {
      waiting ??= setTimeout(draw, PAUSE);
    },
  };
  line = follow(`${base}/events${asked}`, handlers, { after: line?.last ?? sequence });
}

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

start();
