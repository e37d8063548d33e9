// The rows of the queue: puts what the server has drawn where it belongs, and keeps what somebody is doing in a row.

import { drawCountdowns } from "./clock.js";

const queue = document.getElementById("queue");
const drawn = new Map();

export const rows = () => [...queue.children];
export const rowOf = (dispatch) => document.getElementById(`d-${dispatch}`);
export const selected = () => queue.querySelector('[aria-current="true"]');

/** Makes one row the chosen one, for the eye, the keyboard and a screen reader. */
export function select(row, { focus = true } = {}) {
  if (!row) return;
  selected()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  if (focus) row.querySelector('[data-focus="open"]').focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** The row so many places after the chosen one; the first where none is chosen. */
export function step(by) {
  const all = rows();
  const at = all.indexOf(selected());
  select(all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]);
}

/** Where somebody looks after acknowledging a row: the next one that waits, else the first that does. */
export function nextWaiting(row) {
  const waiting = rows().filter((one) => one.dataset.waits === "true" && one !== row);
  const later = (one) => row.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING;
  return waiting.find(later) ?? waiting[0] ?? null;
}

/** Takes over one event of the server: rows that changed, rows that are no longer among those asked for. */
export function take({ rows: changed, gone, whole }) {
  if (whole) {
    const kept = new Set(changed.map((row) => row.id));
    for (const row of rows()) if (!kept.has(row.dataset.dispatch)) drop(row.dataset.dispatch);
  }
  gone.forEach(drop);
  changed.forEach(put);
  document.getElementById("nothing").hidden = queue.children.length > 0;
}

function drop(dispatch) {
  const row = rowOf(dispatch);
  drawn.delete(dispatch);
  if (!row) return;
  const beside = row.nextElementSibling ?? row.previousElementSibling;
  const chosen = row === selected();
  const focused = row.contains(document.activeElement);
  row.remove();
  if (chosen) select(beside, { focus: focused });
}

function put({ id, order, html }) {
  const old = rowOf(id);
  if (old && drawn.get(id) === html) return;
  drawn.set(id, html);
  const fresh = parsed(html);
  drawCountdowns(fresh);
  const focused = old?.contains(document.activeElement) ? document.activeElement.dataset.focus ?? "open" : null;
  if (old) carry(old, fresh);
  if (old?.dataset.order === order) old.replaceWith(fresh);
  else {
    old?.remove();
    queue.insertBefore(fresh, place(order));
  }
  if (focused) (fresh.querySelector(`[data-focus="${focused}"]`) ?? fresh.querySelector('[data-focus="open"]')).focus({ preventScroll: true });
}

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

/** What the reader has done in a row outlives its drawing anew. */
function carry(old, fresh) {
  if (old.getAttribute("aria-current")) fresh.setAttribute("aria-current", "true");
  const [was, is] = [old, fresh].map((row) => row.querySelector('[data-focus="mark"]'));
  if (was?.checked && is) is.checked = true;
}

/** The row before which one with this place in the order stands; orders sort as text. */
function place(order) {
  let [low, high] = [0, queue.children.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (queue.children[middle].dataset.order < order) low = middle + 1;
    else high = middle;
  }
  return queue.children[low] ?? null;
}
