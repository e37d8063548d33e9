// The queue: live rows, the keyboard, the alarm, and the chosen dispatch beside the list where there is room for it.

import { drawCountdowns } from "./clock.js";
import { onKey } from "./keys.js";
import { openForm, piece, send, tell } from "./acts.js";
import { nextWaiting, rowOf, select, selected, step, take } from "./rows.js";
import { alarm, beat, startSound } from "./sound.js";
import { watch } from "./watching.js";

const queue = document.getElementById("queue");
const detail = document.getElementById("detail");
const texts = queue.dataset;
const base = texts.base;
const wide = matchMedia("(min-width: 64rem)");
const title = document.title;
let ringing = Number(document.getElementById("tally").dataset.ringing);

const handlers = {
  beat() {
    beat(ringing);
  },
  rows(told) {
    take(told);
    head(told);
    if (changed(told, detail.dataset.dispatch)) show(detail.dataset.dispatch);
  },
  alarm(told) {
    document.getElementById("announcer").textContent = told.text;
    if (told.asks) alarm(told.priority);
  },
};

const changed = (told, dispatch) =>
  dispatch && (told.gone.includes(dispatch) || told.rows.some((row) => row.id === dispatch));

function head(told) {
  ringing = told.ringing;
  const tally = document.getElementById("tally");
  if (head.drawn !== told.head) {
    head.drawn = told.head;
    const template = document.createElement("template");
    template.innerHTML = told.head.trim();
    drawCountdowns(template.content);
    tally.replaceWith(template.content);
  }
  const fresh = document.getElementById("tally");
  const waiting = Number(document.getElementById("count-waiting").textContent);
  document.getElementById("paper-count").textContent = fresh.dataset.papers;
  document.title = waiting ? `(${waiting}) ${title}` : title;
}

const addressOf = (row) => `${base}/dispatch/${row.dataset.dispatch}`;

async function open(row) {
  if (!row) return;
  select(row);
  if (!wide.matches) return location.assign(addressOf(row));
  await show(row.dataset.dispatch);
}

async function show(dispatch) {
  detail.dataset.dispatch = dispatch;
  const page = await piece(`${base}/dispatch/${dispatch}/pane`);
  if (page === null || detail.dataset.dispatch !== dispatch) return;
  detail.innerHTML = page;
  detail.hidden = false;
  drawCountdowns(detail);
  if (detail.querySelector('[data-unopened="true"]')) send(`${base}/dispatch/${dispatch}/open`, {});
}

/** The selection goes on to what waits next; the row acknowledged is not followed to where it moves. */
async function acknowledge(row) {
  if (row?.dataset.waits !== "true") return;
  const address = addressOf(row);
  select(nextWaiting(row) ?? row);
  tell(await send(`${address}/acknowledge`, {}), texts);
}

const formOf = (name) => {
  const row = selected();
  if (row) openForm(`${addressOf(row)}/${name}`, texts);
};

queue.addEventListener("submit", (event) => {
  event.preventDefault();
  acknowledge(event.target.closest(".dispatch"));
});
queue.addEventListener("click", (event) => {
  const row = event.target.closest(".dispatch");
  const link = event.target.closest('[data-focus="open"]');
  if (link && wide.matches && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(row);
  } else if (row && !event.target.closest("button, input, a")) select(row, { focus: false });
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-form]");
  if (!link) return;
  event.preventDefault();
  openForm(link.href, texts);
});
document.getElementById("bulk").addEventListener("submit", async (event) => {
  event.preventDefault();
  const marked = new FormData(event.target);
  if (![...marked].length) return;
  const answer = await send(event.target.action, marked);
  tell({ ...answer, ok: answer.ok && !answer.failed }, texts);
});
for (const asked of document.querySelectorAll("#filter select")) {
  asked.addEventListener("change", () => asked.form.requestSubmit());
}

onKey("j", texts.next, () => step(1));
onKey("k", texts.previous, () => step(-1));
onKey("Enter", texts.open, () => open(selected()));
onKey("a", texts.acknowledge, () => acknowledge(selected()));
onKey("d", texts.decline, () => formOf("decline"));
onKey("y", texts.accept, () => formOf("accept"));
onKey("e", texts.level, () => formOf("level"));
onKey("n", texts.note, () => formOf("comment"));
onKey("x", texts.mark, () => selected()?.querySelector('[data-focus="mark"]')?.click());
onKey("/", texts.find, () => document.getElementById("search").focus());
onKey("p", texts.print, () => {
  const row = detail.hidden ? null : rowOf(detail.dataset.dispatch);
  location.assign(row ? `${addressOf(row)}/print` : `${base}/print${texts.query ? `?${texts.query}` : ""}`);
});

startSound();
watch(base, texts.query ? `?${texts.query}` : "", texts.sequence, handlers);
