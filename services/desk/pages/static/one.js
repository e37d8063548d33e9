// One dispatch on a page of its own: drawn anew when something happens to it; its acts open in place.

import { drawCountdowns } from "./clock.js";
import { onKey } from "./keys.js";
import { openForm, piece, send } from "./acts.js";
import { watch } from "./watching.js";

const detail = document.getElementById("detail");
const { base, dispatch } = detail.dataset;
const texts = detail.dataset;

async function draw() {
  const page = await piece(`${base}/dispatch/${dispatch}/pane`);
  if (page === null) return;
  const focused = detail.contains(document.activeElement) ? document.activeElement.dataset.form : null;
  detail.innerHTML = page;
  drawCountdowns(detail);
  if (focused) detail.querySelector(`[data-form="${focused}"]`)?.focus();
}

detail.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-form]");
  if (!link) return;
  event.preventDefault();
  openForm(link.href, texts);
});

const formOf = (name) => openForm(`${base}/dispatch/${dispatch}/${name}`, texts);
onKey("a", texts.acknowledge, () => formOf("acknowledge"));
onKey("d", texts.decline, () => formOf("decline"));
onKey("y", texts.accept, () => formOf("accept"));
onKey("e", texts.level, () => formOf("level"));
onKey("n", texts.note, () => formOf("comment"));
onKey("p", texts.print, () => location.assign(`${base}/dispatch/${dispatch}/print`));

if (detail.querySelector('[data-unopened="true"]')) send(`${base}/dispatch/${dispatch}/open`, {});
watch(base, "?show=all", texts.sequence, {
  rows(told) {
    if (told.rows.some((row) => row.id === dispatch)) draw();
  },
});
